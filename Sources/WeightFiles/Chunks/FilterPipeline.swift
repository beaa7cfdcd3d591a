import WorkbenchCore

/// The filters of a chunked tensor, as far as they are ours.
struct FilterPipeline: Sendable {
  /// One step, in the order of writing.
  enum Step: Sendable, Hashable {
    /// Filter 1: a zlib stream.
    case deflate(level: Int)
    /// Filter 2: bytes gathered by their place in the element.
    case shuffle(elementByteCount: Int)
    /// Filter 3: four bytes of checksum at the end.
    case fletcher32
    /// Any other: only libhdf5 may know.
    case foreign(String)
  }

  /// The steps.
  let steps: [Step]

  /// Makes a pipeline.
  init(steps: [Step]) { self.steps = steps }

  /// Reads the filters of a tensor.
  init(_ entry: TensorEntry) {
    steps = entry.filters.map { filter in
      switch filter.id {
      case 1: .deflate(level: Int(filter.parameters.first ?? 6))
      case 2:
        .shuffle(
          elementByteCount: filter.parameters.first.map(Int.init) ?? entry.elementType.byteCount)
      case 3: .fletcher32
      default: .foreign(filter.name.isEmpty ? "number \(filter.id)" : filter.name)
      }
    }
  }

  /// Whether a block with that mask is decoded here. Two compressions in a row are left to libhdf5,
  /// since the size between them is not known.
  func decodes(mask: UInt32) -> Bool {
    guard steps.count <= 32 else { return false }
    var compressions = 0
    for (index, step) in steps.enumerated() where mask & (1 << UInt32(index)) == 0 {
      switch step {
      case .foreign: return false
      case .deflate: compressions += 1
      default: break
      }
    }
    return compressions <= 1
  }

  /// The name of the first filter that neither this module nor libhdf5 itself has: libhdf5 adds szip,
  /// n-bit and scale-offset to ours, and loads no plug-ins.
  static func unknownFilter(of entry: TensorEntry) -> String? {
    let unknown = entry.filters.first { !(1...6).contains($0.id) }
    return unknown.map { $0.name.isEmpty ? "number \($0.id)" : $0.name }
  }

  /// The name of the first filter that a new block would need and that cannot be applied here. A
  /// filter that all blocks leave out is left out again.
  static func unwritableFilter(of entry: TensorEntry) -> String? {
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
  func sizes(mask: UInt32, of byteCount: Int) -> [Int?] {
    var size: Int? = byteCount
    return steps.enumerated().map { index, step in
      let before = size
      if mask & (1 << UInt32(index)) == 0 {
        switch step {
        case .fletcher32: size = size.map { $0 + 4 }
        case .deflate, .foreign: size = nil
        case .shuffle: break
        }
      }
      return before
    }
  }
}
