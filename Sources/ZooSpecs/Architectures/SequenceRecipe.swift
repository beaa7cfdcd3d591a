import Datasets
public import ModelGraph
import Specs
import Support

/// The size of a network of sequences.
///
/// In a spec:
///
///     {kind: gpt, layers: 2, width: 64, heads: 4}
///     {kind: llama, layers: 2, width: 64, heads: 4, key-value-heads: 2, hidden: 172}
///     {kind: vit, layers: 4, width: 64, heads: 4, patch: 2}
///     {kind: lstm, layers: 1, width: 128}
///
/// `gpt` and `llama` are language models, and so is `lstm` where the data are tokens; of data with classes
/// it reads rows of images or steps of series.
public struct SequenceRecipe: Sendable, Hashable {
  /// The architecture.
  public var kind: SequencePlan.Kind
  /// The number of blocks, or of recurrent layers.
  public var layers: Int
  /// The channels of the residual stream, or the recurrent units.
  public var width: Int
  /// The query heads.
  public var heads: Int
  /// The heads of keys and values.
  public var keyValueHeads: Int
  /// The units of a block's hidden layer; nil for the architecture's usual number.
  public var hidden: Int?
  /// The most positions; nil for as many as the examples have.
  public var context: Int?
  /// Whether the output reads the table of tokens.
  public var isTied: Bool
  /// The side of a patch.
  public var patch: Int
  /// How many tokens there are: 256 for bytes.
  public var vocabulary: Int
}

extension SequenceRecipe {
  static let keys = [
    "layers", "width", "heads", "key-value-heads", "hidden", "context", "tied", "patch",
    "vocabulary",
  ]

  /// What each architecture has a say in, beside layers and width.
  private static func keys(of kind: SequencePlan.Kind) -> [String] {
    switch kind {
    case .gpt: ["heads", "hidden", "context", "tied", "vocabulary"]
    case .llama: ["heads", "key-value-heads", "hidden", "vocabulary"]
    case .vit: ["heads", "hidden", "patch"]
    case .lstm: ["vocabulary"]
    }
  }

  /// Reads a recipe from a spec.
  init(_ spec: SpecNode, kind: SequencePlan.Kind) throws {
    let members = try spec.members(["kind", "layers", "width"] + Self.keys(of: kind))
    guard let layers = members["layers"], let width = members["width"] else {
      throw spec.error(
        "'layers' or 'width' is missing", remedy: "for example: layers: 2, width: 64")
    }
    let limit = 1...ArchitectureRecipe.mostUnits
    self.kind = kind
    self.layers = try layers.integer(in: 1...1000)
    self.width = try width.integer(in: limit)
    heads = try members["heads"]?.integer(in: 1...1000) ?? 1
    keyValueHeads = try members["key-value-heads"]?.integer(in: 1...1000) ?? heads
    hidden = try members["hidden"]?.integer(in: limit)
    context = try members["context"]?.integer(in: limit)
    isTied = try members["tied"]?.flag() ?? true
    patch = try members["patch"]?.integer(in: 1...1024) ?? 2
    vocabulary = try members["vocabulary"]?.integer(in: 2...ArchitectureRecipe.mostUnits) ?? 256
    if kind != .lstm, self.width % heads != 0 {
      throw width.error(
        "\(self.width) channels do not divide into \(heads) heads", remedy: "choose a multiple")
    }
    if kind == .llama, self.width / heads % 2 != 0 {
      throw width.error(
        "heads of \(self.width / heads) channels have no planes to turn",
        remedy: "choose an even number for each head")
    }
    if let node = members["key-value-heads"], heads % keyValueHeads != 0 {
      throw node.error("\(heads) query heads cannot share \(keyValueHeads) of keys and values")
    }
  }

  /// Half as many units again as two thirds of four times the width, in eights, keep the number of
  /// weights of a hidden layer that is not gated (Shazeer 2020).
  private var usualHidden: Int { kind == .llama ? (8 * width / 3 + 7) / 8 * 8 : 4 * width }

  /// The plan for examples of a shape; no classes mean tokens.
  ///
  /// - Throws: `Diagnostic` of code `badData` where such a network cannot read such examples.
  package func plan(exampleShape: [Int], classCount: Int) throws -> SequencePlan {
    var plan = SequencePlan(
      kind: kind, layers: layers, width: width, heads: heads, keyValueHeads: keyValueHeads,
      hidden: hidden ?? usualHidden, context: context ?? 0, isTied: isTied, patch: patch,
      classes: classCount)
    if classCount == 0 {
      guard kind != .vit, exampleShape.count == 1 else {
        throw Diagnostic(
          .badData, "the data have no classes, and examples of shape \(exampleShape) are no tokens",
          remedy: "give a text, or data with classes")
      }
      plan.classes = vocabulary
      if kind == .gpt { plan.context = context ?? exampleShape[0] }
      guard kind != .gpt || plan.context >= exampleShape[0] else {
        throw Diagnostic(
          .badData, "windows of \(exampleShape[0]) tokens do not fit \(plan.context) positions",
          remedy: "make 'context' longer, or the windows shorter")
      }
      return plan
    }
    switch kind {
    case .gpt, .llama:
      throw Diagnostic(
        .badData, "the data have classes, and a language model reads tokens",
        remedy: "give a text: austen, or the path of a .txt file")
    case .vit:
      let planar = try ImageLayout(exampleShape: exampleShape).planarShape
      plan.exampleShape = [planar[1], planar[2], planar[0]]
    case .lstm:
      // The rows of images of one channel are steps.
      plan.exampleShape =
        exampleShape.count == 3 && exampleShape[2] == 1
        ? Array(exampleShape.prefix(2)) : exampleShape
    }
    return plan
  }
}
