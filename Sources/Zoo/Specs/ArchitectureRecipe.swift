public import ModelGraph
import WorkbenchCore

/// The kind and size of a network of a zoo.
public enum ArchitectureRecipe: Sendable, Hashable {
  /// Dense layers of these widths, then one unit a class.
  case perceptron(widths: [Int], activation: Activation)
}

extension ArchitectureRecipe {
  /// The activations that a spec may name.
  private static let activations: [String: Activation] = [
    "relu": .relu, "tanh": .tanh, "gelu": .gelu(approximate: false), "silu": .silu,
    "sigmoid": .sigmoid, "elu": .elu(alpha: 1),
  ]

  /// Reads an architecture from a spec: `{kind: mlp, widths: [512, 512], activation: relu}`.
  init(_ spec: SpecNode) throws {
    let members = try spec.members(["kind", "widths", "activation"])
    guard let kind = members["kind"] else {
      throw spec.error("'kind' is missing", remedy: "use mlp")
    }
    _ = try kind.choice(["mlp"])
    guard let widths = members["widths"] else {
      throw spec.error("'widths' is missing", remedy: "for example: widths: [512, 512]")
    }
    let word = try members["activation"]?.choice(Self.activations.keys.sorted()) ?? "relu"
    self = .perceptron(
      widths: try widths.list().map { try $0.integer(in: 1...1_000_000) },
      activation: Self.activations[word] ?? .relu)
  }

  /// The network for examples of a shape and a number of classes.
  func graph(inputShape: [Int], classCount: Int) throws -> ModelGraph {
    switch self {
    case .perceptron(let widths, let activation):
      try ModelGraph.perceptron(
        inputShape: inputShape, widths: widths, classes: classCount, activation: activation)
    }
  }
}
