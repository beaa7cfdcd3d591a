/// What a tensor is that is no weight of a layer, by its name alone: the one table of such names.
public enum TensorRole: String, Sendable, Hashable, CaseIterable {
  /// What an optimiser keeps: moments, momentum, its own copies.
  case optimiserState = "optimiser state"
  /// How often something was done.
  case counter = "a step counter"
  /// The state of a random generator.
  case generatorState = "the state of a random generator"
  /// A weight of the model itself, which is in none of its layers.
  case outsideLayers = "a weight outside the layers"

  /// What a tensor of that name is; nil where the name says nothing.
  public init?(ofTensorNamed name: String) {
    let components = name.split { $0 == "/" || $0 == "." }.map { $0.lowercased() }
    guard let first = components.first, let last = components.last else { return nil }
    if components.dropLast().contains(where: TensorRole.namesOptimiser)
      || components.contains(where: TensorRole.isMoment)
      || TensorRole.isOptimisersOwn(components)
    {
      self = .optimiserState
    } else if last == "num_batches_tracked"
      || components.count == 1 && TensorRole.counters.contains(last)
    {
      self = .counter
    } else if components.contains("seed_generator") || last == "seed_generator_state" {
      self = .generatorState
    } else if first == "model_weights", components.dropFirst().first == "top_level_model_weights" {
      self = .outsideLayers
    } else {
      return nil
    }
  }

  /// Whether it belongs to training, and would mean nothing in a mean of models.
  public var isOfTraining: Bool { self != .outsideLayers }

  /// Whether a dictionary under that key, at the root of a checkpoint, is an optimiser's or a
  /// scheduler's. More keys than names of tensors say so: a layer may have one of these.
  package static func isTraining(key: String) -> Bool {
    let key = key.lowercased()
    return namesOptimiser(key) || key.hasPrefix("optim")
      || ["opt", "lr_scheduler", "scheduler", "amp", "scaler"].contains(key)
  }

  /// `optimizer`, `optimizer_weights`, `d_optimizer`, `optimizer_state_dict`.
  private static func namesOptimiser(_ component: String) -> Bool {
    component.split(separator: "_").contains { word in
      ["optimizer", "optimiser", "optimizers", "optimisers"].contains(word)
    }
  }

  /// The names that PyTorch's optimisers give to what they keep of a weight.
  private static func isMoment(_ component: String) -> Bool {
    component.hasPrefix("exp_avg") || component.hasPrefix("max_exp_avg")
      || ["momentum_buffer", "square_avg", "grad_avg", "acc_delta", "exp_inf"].contains(component)
  }

  /// `state.0.step`: the numbered state of an optimiser that is all of the file.
  private static func isOptimisersOwn(_ components: [String]) -> Bool {
    components.count == 3 && components[0] == "state"
      && components[1].allSatisfy { $0.isASCII && $0.isNumber }
  }

  private static let counters: Set<String> = [
    "epoch", "global_step", "step", "iteration", "iterations", "learning_rate",
  ]
}

extension TensorEntry {
  /// What the tensor is, if its name says that it is no weight of a layer.
  public var role: TensorRole? { TensorRole(ofTensorNamed: name) }
}
