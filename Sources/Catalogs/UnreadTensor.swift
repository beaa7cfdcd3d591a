import Tensors

/// A tensor that is in a file and whose elements are not read as numbers: of a type that is not known
/// here, quantised, compound, or kept elsewhere.
///
/// Where its bytes are at a known place they can be compared and hashed, and so it never passes for
/// the same as another one unseen.
public struct UnreadTensor: Sendable, Hashable {
  /// The type of its elements as the format names it, `F8_E4M3`, `compound (r F32, i F32)`; nil where
  /// the file does not tell.
  public var dtype: String?
  /// The lengths of its axes; nil where the file does not tell.
  public var shape: [Int]?
  /// Its bytes, without filters and in row-major order, as a tensor of `UInt8` under its name; nil
  /// where they are not at a known place.
  public var content: TensorEntry?
  /// Whether it may be a weight: not a text, a reference, or nothing at all.
  public var mayBeWeight: Bool

  /// Makes a description.
  public init(
    dtype: String? = nil, shape: [Int]? = nil, content: TensorEntry? = nil,
    mayBeWeight: Bool = true
  ) {
    self.dtype = dtype
    self.shape = shape
    self.content = content
    self.mayBeWeight = mayBeWeight
  }

  /// The size of its elements in memory; nil where that is not known.
  public var byteCount: Int? { content?.byteCount }
}

extension UnreadTensor {
  /// The bytes of a tensor that lies in one run.
  package static func run(
    _ name: String, offset: Int, byteCount: Int, part: Int = 0
  ) -> TensorEntry {
    TensorEntry(
      name: name, shape: [byteCount], elementType: .uint8, layout: .contiguous(offset: offset),
      part: part)
  }

  /// The bytes of elements that lie as a tensor of known elements would.
  ///
  /// - Parameters:
  ///   - layout: where the elements are. Strides count elements of that size.
  ///   - elementByteCount: the size of one.
  package static func bytes(
    _ name: String, shape: [Int], elementByteCount: Int, _ layout: TensorEntry.Layout
  ) -> TensorEntry {
    TensorEntry(
      name: name, shape: shape + [elementByteCount], elementType: .uint8,
      layout: byBytes(layout, elementByteCount))
  }

  private static func byBytes(
    _ layout: TensorEntry.Layout, _ size: Int
  ) -> TensorEntry.Layout {
    switch layout {
    case .strided(let offset, let strides):
      // Only the stride of an axis of one index can overflow: it counts for nothing.
      .strided(
        offset: offset,
        strides: strides.map {
          let (stride, overflow) = $0.multipliedReportingOverflow(by: size)
          return overflow ? 0 : stride
        } + [1])
    case .deflated(let run, let inner): .deflated(run, byBytes(inner, size))
    default: layout
    }
  }
}
