/// Tells tensors that belong to training from those of the network.
public enum UnusedTensor {
  /// Why a tensor of that name is left where it is; nil where the name says nothing.
  static func reason(_ name: String) -> String? { role(name).map { $0 + ", not permuted" } }

  /// What a tensor of that name is, if it is no weight of a layer; nil where the name says nothing.
  public static func role(_ name: String) -> String? {
    let components = name.split { $0 == "/" || $0 == "." }.map { $0.lowercased() }
    guard let first = components.first, let last = components.last else { return nil }
    if components.contains(where: isOptimizerFolder) || last.hasPrefix("exp_avg")
      || last == "momentum_buffer"
    {
      return "optimiser state"
    }
    if last == "num_batches_tracked" { return "a step counter" }
    if components.contains("seed_generator") || last == "seed_generator_state" {
      return "the state of a random generator"
    }
    if first == "model_weights" ? components.dropFirst().first == "top_level_model_weights" : false
    {
      return "a weight outside the layers"
    }
    if ["epoch", "global_step", "step", "iteration", "iterations", "learning_rate"].contains(last),
      components.count == 1
    {
      return "a step counter"
    }
    return nil
  }

  private static func isOptimizerFolder(_ component: String) -> Bool {
    component == "optimizer" || component == "optimizer_weights"
      || component == "optimizer_state_dict" || component == "optimizer_state"
  }
}
