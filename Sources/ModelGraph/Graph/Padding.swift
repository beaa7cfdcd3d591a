/// Positions before and after, on one spatial axis.
public struct Margin: Sendable, Hashable {
  /// Positions before the first.
  public var before: Int
  /// Positions after the last.
  public var after: Int

  /// Makes a margin.
  public init(_ before: Int, _ after: Int) {
    self.before = before
    self.after = after
  }
}

/// How windows meet the edges of a spatial axis.
public enum Padding: Sendable, Hashable {
  /// Only whole windows.
  case valid
  /// As many outputs as `ceil(input / stride)`, the odd zero after (TensorFlow's rule).
  case same
  /// Zeros before only, so that no output sees its future. One spatial axis.
  case causal
  /// So many zeros before and after each axis (PyTorch's rule).
  case explicit([Margin])
}
