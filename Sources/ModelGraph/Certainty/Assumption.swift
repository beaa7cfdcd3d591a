/// Something that a file does not say about its network: what is taken for granted, about which
/// layers and tensors, and what else would fit.
public struct Assumption: Sendable, Hashable {
  /// What it is about.
  public enum Subject: String, Sendable, Hashable, Codable {
    /// That the layers follow one another, each read by the next alone, and each used once.
    case row
    /// Which way a kernel lies: [out, in] or [in, out], plain or transposed convolution.
    case kernelAxes
    /// That a convolution works in groups.
    case groups
    /// How a map of features becomes the inputs of a dense layer.
    case flattening
    /// Which normalisation scales and shifts belong to.
    case normalization
    /// Where the zeros of a shortcut without weights stand.
    case zeros
    /// That two layers hold the same weights by design.
    case sharing
    /// The activations.
    case activation
    /// What normalisation adds to variances.
    case epsilon
    /// The settings of a family: strides, padding, pooling, activations.
    case family
  }

  /// What follows from it.
  public enum Effect: String, Sendable, Hashable, Codable {
    /// Units move as if it held.
    case taken
    /// The units that it concerns stay in place, so that every reading is right.
    case held
    /// It matters only where the network is run.
    case running
  }

  /// What it is about.
  public var subject: Subject
  /// One sentence, without a full stop.
  public var statement: String
  /// The layers concerned, by their names in the graph.
  public var layers: [String]
  /// The tensors concerned.
  public var tensors: [String]
  /// What else would fit the names and shapes.
  public var alternatives: [String]
  /// What follows from it.
  public var effect: Effect
  /// What a user may state to settle it.
  public var settledBy: [Reading]

  /// Notes an assumption.
  public init(
    _ subject: Subject, _ statement: String, layers: [String] = [], tensors: [String] = [],
    alternatives: [String] = [], effect: Effect, settledBy: [Reading] = []
  ) {
    self.subject = subject
    self.statement = statement
    self.layers = layers
    self.tensors = tensors
    self.alternatives = alternatives
    self.effect = effect
    self.settledBy = settledBy
  }

  /// That hidden activations are ReLU, where a file of weights alone does not say.
  static let unstatedActivation = Assumption(
    .activation, "the activations are taken to be ReLU: a file of weights alone does not say",
    alternatives: ["any other activation"], effect: .running, settledBy: [.activation(.relu)])

  /// Whether it decides which units move.
  public var concernsPermuting: Bool { effect != .running }
}
