public import ModelGraph
package import Specs
import Support

/// The kind and size of a network of a zoo.
public enum ArchitectureRecipe: Sendable, Hashable {
  /// Dense layers of these widths, then one unit a class.
  case perceptron(widths: [Int], activation: Activation)
  /// 3×3 convolutions and pooling in a row, then dense layers.
  case plain(PlainRecipe)
  /// Residual blocks of convolutions.
  case residual(ResidualRecipe)
  /// A language model, a vision transformer, or recurrent layers.
  case sequence(SequenceRecipe)
}

extension ArchitectureRecipe {
  /// The activations that a spec may name.
  private static let activations: [String: Activation] = [
    "relu": .relu, "tanh": .tanh, "gelu": .gelu(approximate: false), "silu": .silu,
    "sigmoid": .sigmoid, "elu": .elu(alpha: 1),
  ]

  /// The widest layer and the longest list that a spec may ask for.
  package static let mostUnits = 1_000_000
  package static let mostLayers = 10_000

  /// Reads an architecture from a spec: `{kind: mlp, widths: [512, 512], activation: relu}`,
  /// `{kind: vgg, width: 16, blocks: [1, 1]}`, `{kind: resnet, depth: 20}`,
  /// `{kind: gpt, layers: 2, width: 64, heads: 4}`.
  package init(_ spec: SpecNode) throws {
    // Every key of every kind, so that the kind can be read first.
    let all = try spec.members(
      Array(
        Set(
          ["kind"] + Self.perceptronKeys + PlainRecipe.keys + ResidualRecipe.keys
            + SequenceRecipe.keys)
      ).sorted())
    guard let kind = all["kind"] else {
      throw spec.error("'kind' is missing", remedy: "use \(Self.kinds.joined(separator: ", "))")
    }
    let word = try kind.choice(Self.kinds)
    if let sequence = SequencePlan.Kind(rawValue: word) {
      self = .sequence(try SequenceRecipe(spec, kind: sequence))
      return
    }
    switch word {
    case "vgg": self = .plain(try PlainRecipe(spec))
    case "resnet": self = .residual(try ResidualRecipe(spec))
    default: self = try Self.perceptron(spec)
    }
  }

  /// The kinds that a spec may name.
  private static let kinds = ["mlp", "vgg", "resnet"] + SequencePlan.Kind.allCases.map(\.rawValue)

  private static let perceptronKeys = ["widths", "width", "depth", "activation"]

  /// `widths: [512, 256]`, or `width: 512, depth: 3` for as many equal hidden layers.
  private static func perceptron(_ spec: SpecNode) throws -> ArchitectureRecipe {
    let members = try spec.members(["kind"] + perceptronKeys)
    let activation = try activation(members["activation"])
    if let widths = members["widths"] {
      if let short = members["width"] ?? members["depth"] {
        throw short.error(
          "'widths' says how many layers there are and how wide",
          remedy: "give 'widths', or 'width' and 'depth'")
      }
      return .perceptron(
        widths: try widths.list().map { try $0.integer(in: 1...mostUnits) },
        activation: activation)
    }
    guard let width = members["width"] else {
      throw spec.error(
        "'widths' is missing", remedy: "for example: widths: [512, 512], or width: 512, depth: 2")
    }
    return .perceptron(
      widths: Array(
        repeating: try width.integer(in: 1...mostUnits),
        count: try members["depth"]?.integer(in: 0...mostLayers) ?? 1),
      activation: activation)
  }

  /// A width times a factor.
  ///
  /// - Throws: `Diagnostic` with the place in the spec where no layer is as wide.
  package static func scaled(_ width: Int, by scale: Double, at place: SpecNode) throws -> Int {
    let scaled = max(1, (Double(width) * scale).rounded())
    guard scaled <= Double(mostUnits) else {
      throw place.error(
        "a layer would be \(ByteCount.grouped(Int(min(scaled, 1e18)))) units wide",
        remedy: "no layer may have more than \(ByteCount.grouped(mostUnits))")
    }
    return Int(scaled)
  }

  /// Reads an activation; ReLU where there is none.
  package static func activation(_ spec: SpecNode?) throws -> Activation {
    let word = try spec?.choice(activations.keys.sorted()) ?? "relu"
    return activations[word] ?? .relu
  }

  /// The network for examples of a shape and a number of classes, 0 for tokens.
  ///
  /// - Throws: `Diagnostic` where such a network cannot take such examples.
  package func graph(inputShape: [Int], classCount: Int) throws -> ModelGraph {
    if case .sequence(let recipe) = self {
      return try ModelGraph.sequence(recipe.plan(exampleShape: inputShape, classCount: classCount))
    }
    guard classCount > 0 else {
      throw Diagnostic(
        .badData, "the data have no classes", remedy: "tokens are for gpt, llama and lstm")
    }
    return try self.imageGraph(inputShape: inputShape, classCount: classCount)
  }

  private func imageGraph(inputShape: [Int], classCount: Int) throws -> ModelGraph {
    switch self {
    case .sequence(let recipe):
      try ModelGraph.sequence(recipe.plan(exampleShape: inputShape, classCount: classCount))
    case .perceptron(let widths, let activation):
      try ModelGraph.perceptron(
        inputShape: inputShape, widths: widths, classes: classCount, activation: activation)
    case .plain(let recipe):
      try ModelGraph.vgg(recipe.plan(exampleShape: inputShape, classCount: classCount))
    case .residual(let recipe):
      try ModelGraph.resNet(recipe.plan(exampleShape: inputShape, classCount: classCount))
    }
  }
}
