import WorkbenchCore

extension ModelRecipe {
  /// The keys of a spec that describe a single model.
  static let keys = ["data", "model", "training"]

  /// Reads a recipe from the members of a spec, without its name.
  ///
  /// - Throws: `Diagnostic` of code `badData` with file and line of what is unknown or impossible.
  init(_ spec: SpecNode, members: [String: SpecNode], name: String) throws {
    guard let data = members["data"] else {
      throw spec.error("'data' is missing", remedy: "name a data set: digits, or a path")
    }
    guard let model = members["model"] else {
      throw spec.error(
        "'model' is missing", remedy: "for example: model: {kind: mlp, widths: [64]}")
    }
    let training = try members["training"]?.members([
      "optimizer", "learning-rate", "momentum", "weight-decay", "batch-size", "epochs", "seed",
    ])
    let optimizer = try training?["optimizer"]?.choice(Optimizer.allCases.map(\.rawValue))
    self.init(
      name: name,
      data: try data.string(),
      architecture: try Architecture(model),
      optimizer: optimizer.flatMap(Optimizer.init) ?? .adam,
      learningRate: try training?["learning-rate"]?.number(in: 1e-12...1e6) ?? 1e-3,
      momentum: try training?["momentum"]?.number(in: 0...0.9999) ?? 0.9,
      weightDecay: try training?["weight-decay"]?.number(in: 0...1e3) ?? 0,
      batchSize: try training?["batch-size"]?.integer(in: 1...1_000_000) ?? 64,
      epochs: try training?["epochs"]?.integer(in: 1...1_000_000) ?? 10,
      seed: try training?["seed"]?.integer(in: 0...Int.max) ?? 0)
  }
}

extension ModelRecipe.Architecture {
  /// The activations that a spec may name.
  static let activations = ["relu", "tanh", "gelu", "silu", "sigmoid", "elu"]

  init(_ spec: SpecNode) throws {
    let members = try spec.members(["kind", "widths", "activation"])
    guard let kind = members["kind"] else {
      throw spec.error("'kind' is missing", remedy: "use mlp")
    }
    _ = try kind.choice(["mlp"])
    guard let widths = members["widths"] else {
      throw spec.error("'widths' is missing", remedy: "for example: widths: [512, 512]")
    }
    self = .perceptron(
      widths: try widths.list().map { try $0.integer(in: 1...1_000_000) },
      activation: try members["activation"]?.choice(Self.activations) ?? "relu")
  }
}
