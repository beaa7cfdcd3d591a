import Support

/// The size of a network of sequences that is trained here: a language model, or a transformer of images.
///
/// Tensors are named and laid out as the libraries do that the networks come from, so that their files
/// are known elsewhere: GPT-2 and Llama as Hugging Face has them, the vision transformer as timm, the
/// LSTM as PyTorch.
public struct SequencePlan: Sendable, Hashable {
  /// The architecture.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// GPT-2: learned positions, layer normalisation before each branch, GELU (Radford et al. 2019).
    case gpt
    /// Llama: RMS normalisation, rotary positions, grouped queries, gated units (Touvron et al. 2023).
    case llama
    /// A vision transformer with a class token (Dosovitskiy et al. 2021).
    case vit
    /// Recurrent layers, one on the other.
    case lstm
  }

  /// The architecture.
  public var kind: Kind
  /// The number of blocks, or of recurrent layers.
  public var layers: Int
  /// The channels of the residual stream, or the recurrent units.
  public var width: Int
  /// The query heads.
  public var heads: Int
  /// The key and value heads (Llama).
  public var keyValueHeads: Int
  /// The units of a block's hidden layer.
  public var hidden: Int
  /// How many positions there are at most (GPT-2).
  public var context: Int
  /// Whether the output reads the table of tokens (GPT-2).
  public var isTied: Bool
  /// The side of a patch (vision transformer).
  public var patch: Int
  /// The tokens of a language model, or the classes.
  public var classes: Int
  /// The shape of an image or of a series, channels last; empty for a language model.
  public var exampleShape: [Int]

  /// Makes a plan.
  public init(
    kind: Kind, layers: Int, width: Int, heads: Int = 1, keyValueHeads: Int? = nil, hidden: Int,
    context: Int = 0, isTied: Bool = true, patch: Int = 1, classes: Int, exampleShape: [Int] = []
  ) {
    self.kind = kind
    self.layers = layers
    self.width = width
    self.heads = heads
    self.keyValueHeads = keyValueHeads ?? heads
    self.hidden = hidden
    self.context = context
    self.isTied = isTied
    self.patch = patch
    self.classes = classes
    self.exampleShape = exampleShape
  }
}

extension ModelGraph {
  /// A network of sequences that has no file yet.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the plan's lengths do not go together.
  public static func sequence(_ plan: SequencePlan) throws -> ModelGraph {
    guard plan.kind == .lstm || plan.heads >= 1 && plan.width % plan.heads == 0,
      plan.keyValueHeads >= 1, plan.heads % plan.keyValueHeads == 0
    else {
      throw Diagnostic(
        .badData,
        "\(plan.width) channels do not divide into \(plan.heads) heads that share "
          + "\(plan.keyValueHeads) of keys")
    }
    var builder = SequenceBuilder(source: "sequence plan")
    let output: Int
    switch plan.kind {
    case .gpt: output = try builder.addGPT(plan)
    case .llama: output = try builder.addLlama(plan)
    case .vit: output = try builder.addVision(plan)
    case .lstm: output = try builder.addRecurrent(plan)
    }
    return try builder.graph.finish(outputs: [output])
  }
}
