/// Division of the channels by the root of their mean square (Zhang and Sennrich 2019).
public struct RMSNormalization: Sendable, Hashable {
  /// What is added to the mean square.
  public var epsilon: Double
  /// What is added to the gain that the file holds: 1 for Gemma, which stores the gain less one.
  public var offset: Double
  /// How many equal blocks of the channels are normalised apart, with one gain for all: the heads,
  /// where queries and keys are normalised. The parameter `gamma` has the length of a block.
  public var blocks: Int
  /// Whether the variance stands in the place of the mean square, though no mean is taken away: what
  /// Keras's LayerNormalization does with `rms_scaling`.
  public var isOfVariance: Bool

  /// Makes the parameters.
  public init(
    epsilon: Double, offset: Double = 0, blocks: Int = 1, isOfVariance: Bool = false
  ) {
    self.epsilon = epsilon
    self.offset = offset
    self.blocks = blocks
    self.isOfVariance = isOfVariance
  }
}
