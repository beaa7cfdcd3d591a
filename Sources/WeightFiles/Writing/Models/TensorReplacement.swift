import Catalogs

/// Elements that are made range by range when they are written.
public struct ComputedElements: Sendable {
  /// Makes a range of elements: little-endian, of the tensor's type, into memory of exactly their
  /// size. Called on several threads at once, for ranges that do not overlap and in no order.
  public let fill: @Sendable (Range<Int>, UnsafeMutableRawBufferPointer) throws -> Void

  /// Makes elements of what fills ranges of them.
  public init(
    fill: @escaping @Sendable (Range<Int>, UnsafeMutableRawBufferPointer) throws -> Void
  ) {
    self.fill = fill
  }

  /// Elements that are there already, little-endian.
  public init(bytes: [UInt8]) {
    fill = { range, target in
      bytes.withUnsafeBytes { bytes in
        let size = target.count / max(1, range.count)
        target.copyMemory(
          from: UnsafeRawBufferPointer(
            rebasing: bytes[(range.lowerBound * size)..<(range.upperBound * size)]))
      }
    }
  }
}

/// What stands in the place of a tensor of a file, with its shape and type.
public struct TensorReplacement: Sendable {
  /// How many bytes `open` reads, and may hold until the tensor is written; 0 where it does no work.
  public var heldByteCount: Int
  /// Prepares the tensor when its turn comes; the number of threads is given.
  public var open: @Sendable (Int?) throws -> ComputedElements

  /// Makes a replacement.
  public init(
    heldByteCount: Int, open: @escaping @Sendable (Int?) throws -> ComputedElements
  ) {
    self.heldByteCount = heldByteCount
    self.open = open
  }
}

extension ModelContents.Item {
  /// A tensor of a file with computed elements.
  init(_ entry: TensorEntry, computed replacement: TensorReplacement) {
    self.init(
      name: entry.name, shape: entry.shape, elementType: entry.elementType,
      open: { opening in
        try opening.check(replacement.heldByteCount)
        return TensorSource(
          storage: .computed(try replacement.open(opening.jobs)), elementType: entry.elementType)
      }, heldByteCount: replacement.heldByteCount)
  }

  /// All elements, little-endian.
  func bytes(_ opening: Opening) throws -> [UInt8] {
    try opening.check(byteCount)
    let source = try open(opening)
    var space = TensorSource.Space()
    return try source.withBytes(0..<byteCount, &space) { Array($0) }
  }
}
