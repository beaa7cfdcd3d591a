import Support

/// Positions put around the spatial axes that repeat those inside (ONNX's Pad, PyTorch's ReflectionPad and
/// ReplicationPad).
public struct EdgePadding: Sendable, Hashable {
  /// Which position is repeated.
  public enum Kind: String, Sendable, Hashable {
    /// As in a mirror that stands on the outermost position, which is not repeated.
    case reflect
    /// The outermost one.
    case edge
  }

  /// Which position is repeated.
  public var kind: Kind
  /// How many positions are put before and after those of each spatial axis.
  public var margins: [Margin]

  /// Makes the parameters.
  public init(kind: Kind, margins: [Margin]) {
    self.kind = kind
    self.margins = margins
  }

  /// The position inside that a position outside repeats; positions are counted from the first inside.
  public func source(of position: Int, length: Int) -> Int {
    switch kind {
    case .edge: min(max(position, 0), length - 1)
    case .reflect:
      position < 0 ? -position : position >= length ? 2 * (length - 1) - position : position
    }
  }

  /// Checks that there are positions to repeat.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a mirror would reach beyond the other end.
  func check(_ lengths: [Int?]) throws {
    guard kind == .reflect else { return }
    for (margin, length) in zip(margins, lengths) {
      if let length, max(margin.before, margin.after) >= length {
        throw Diagnostic(
          .badData, "reflects \(max(margin.before, margin.after)) of \(length) positions")
      }
    }
  }
}
