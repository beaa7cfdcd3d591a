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

extension Padding {
  /// What is added on both sides of a spatial axis.
  ///
  /// - Parameters:
  ///   - axis: which spatial axis, from 0.
  ///   - length: the axis's entries.
  ///   - extent: the entries from a window's first to its last, both included.
  ///   - stride: how far windows are apart.
  /// - Returns: nil where the padding has no margin for the axis, or the stride is not positive.
  public func margin(axis: Int, length: Int, extent: Int, stride: Int) -> Margin? {
    guard stride > 0 else { return nil }
    switch self {
    case .valid: return Margin(0, 0)
    case .causal: return Margin(extent - 1, 0)
    case .same:
      let outputs = (length + stride - 1) / stride
      let total = max(0, (outputs - 1) * stride + extent - length)
      return Margin(total / 2, total - total / 2)
    case .explicit(let margins):
      guard margins.indices.contains(axis), margins[axis].before >= 0, margins[axis].after >= 0
      else { return nil }
      return margins[axis]
    }
  }
}
