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

  /// The name of the first filter that cannot be applied here.
  var unwritable: String? {
    for case .foreign(let name) in steps { return name }
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
