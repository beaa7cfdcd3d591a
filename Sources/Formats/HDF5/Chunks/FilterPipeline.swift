public import Catalogs
import Support
import Tensors

/// The filters of a chunked tensor, as far as they are ours.
package struct FilterPipeline: Sendable {
  /// What packs the blocks of a bitshuffle.
  package enum Packing: Sendable, Hashable {
    /// Nothing: only the bits are moved.
    case none
    /// LZ4.
    case lz4
    /// Zstandard.
    case zstd(level: Int)
  }

  /// One step, in the order of writing.
  package enum Step: Sendable, Hashable {
    /// Filter 1: a zlib stream.
    case deflate(level: Int)
    /// Filter 2: bytes gathered by their place in the element.
    case shuffle(elementByteCount: Int)
    /// Filter 3: four bytes of checksum at the end.
    case fletcher32
    /// Filter 32000: Marc Lehmann's LZF.
    case lzf
    /// Filter 32001: a blosc buffer. The parameters are the filter's own.
    case blosc(parameters: [UInt32])
    /// Filter 32004: blocks of LZ4. The size of a block is for writing; the data have their own.
    case lz4(blockByteCount: Int)
    /// Filter 32008: bits gathered by their place in the element, a block of elements at a time.
    case bitshuffle(elementByteCount: Int, blockElementCount: Int, packing: Packing)
    /// Filter 32015: a Zstandard frame.
    case zstd(level: Int)
    /// Any other: only libhdf5 may know.
    case foreign(String)

    /// The same step with more work for a smaller result, the least work first.
    package var harder: [Step] {
      switch self {
      case .deflate(let level):
        [level + 1, level + 2, 9, 12].filter { $0 > level && $0 <= 12 }.map { .deflate(level: $0) }
      case .zstd(let level):
        [level + 1, level + 2, level + 5].filter { $0 <= 19 }.map { .zstd(level: $0) }
      default: []
      }
    }

    /// Whether the size after the step depends on the data.
    package var compresses: Bool {
      switch self {
      case .shuffle, .fletcher32, .bitshuffle(_, _, .none): false
      default: true
      }
    }
  }

  /// The steps.
  package let steps: [Step]

  /// Makes a pipeline.
  package init(steps: [Step]) { self.steps = steps }

  /// Reads the filters of a tensor.
  package init(_ entry: TensorEntry) {
    steps = entry.filters.map { Step($0, elementByteCount: entry.elementType.byteCount) }
  }

  /// Whether a block with that mask is decoded here. Two compressions in a row are left to libhdf5,
  /// since the size between them is not known.
  package func decodes(mask: UInt32) -> Bool {
    guard steps.count <= 32 else { return false }
    var compressions = 0
    for (index, step) in steps.enumerated() where mask & (1 << UInt32(index)) == 0 {
      if case .foreign = step { return false }
      if step.compresses { compressions += 1 }
    }
    return compressions <= 1
  }

  /// The name of the first filter that neither this module nor libhdf5 itself has: libhdf5 adds szip,
  /// n-bit and scale-offset to ours, and loads no plug-ins.
  package static func unknownFilter(of entry: TensorEntry) -> String? {
    for (filter, step) in zip(entry.filters, FilterPipeline(entry).steps)
    where !(1...6).contains(filter.id) {
      if case .foreign(let name) = step { return name }
    }
    return nil
  }

  /// The name of the first filter that a new block would need and that cannot be applied here. A
  /// filter that all blocks leave out is left out again.
  package static func unwritableFilter(of entry: TensorEntry) -> String? {
    guard case .chunked(let chunkShape, let chunks) = entry.layout else { return nil }
    let grid = zip(entry.shape, chunkShape).map { $1 == 0 || $0 == 0 ? 0 : ($0 - 1) / $1 + 1 }
    let isFull = chunks.count == checkedProduct(grid)
    for (index, step) in FilterPipeline(entry).steps.enumerated() {
      guard case .foreign(let name) = step else { continue }
      let bit = UInt32(1) << UInt32(index)
      if !isFull || chunks.contains(where: { $0.filterMask & bit == 0 }) { return name }
    }
    return nil
  }

  /// The size of a block before each step, in the order of writing; nil after a compression.
  package func sizes(mask: UInt32, of byteCount: Int) -> [Int?] {
    var size: Int? = byteCount
    return steps.enumerated().map { index, step in
      let before = size
      if mask & (1 << UInt32(index)) == 0 {
        if step == .fletcher32 { size = size.map { $0 + 4 } }
        if step.compresses { size = nil }
      }
      return before
    }
  }
}

extension TensorEntry {
  /// The name of the first filter of its chunks that nothing here undoes; nil where all are.
  public var unreadFilter: String? { FilterPipeline.unknownFilter(of: self) }
}
