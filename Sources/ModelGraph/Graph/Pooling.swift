/// The parameters of pooling over windows.
public struct Pooling: Sendable, Hashable {
  /// Maximum, or the mean of the positions inside the input.
  public enum Kind: String, Sendable, Hashable {
    case maximum
    case average
  }

  /// Maximum or average.
  public var kind: Kind
  /// The window's length on each spatial axis.
  public var size: [Int]
  /// The step on each spatial axis.
  public var strides: [Int]
  /// How windows meet the edges.
  public var padding: Padding
  /// Whether an average counts the zeros of the padding (PyTorch's default, never Keras's).
  public var countsPadding: Bool

  /// Makes the parameters.
  public init(
    kind: Kind, size: [Int], strides: [Int], padding: Padding, countsPadding: Bool = false
  ) {
    self.kind = kind
    self.size = size
    self.strides = strides
    self.padding = padding
    self.countsPadding = countsPadding
  }
}
