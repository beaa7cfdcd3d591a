import Catalogs
import Support

extension ChunkStream {
  /// A multiple of how many elements all windows but the last hold, where memory allows it.
  package static let groupCount = 64

  /// How much is decoded at once where memory allows more: about what stays in a processor's caches.
  private static let usualByteCount = 4 << 20

  /// How much of a tensor to decode at once: whole rows of blocks where one fits, so that each block is
  /// decoded once; or else as many whole elements as fit.
  ///
  /// - Parameters:
  ///   - room: how much there may be.
  ///   - atOnce: how many blocks are decoded at once.
  static func windowByteCount(of geometry: ChunkGeometry, room: Int, atOnce: Int) -> Int {
    let (band, size) = (geometry.bandByteCount, geometry.elementByteCount)
    guard band > 0, band <= room else { return max(size, room / size * size) }
    if room == geometry.byteCount, room <= usualByteCount { return room }
    // Several blocks a thread, so that none waits long for another.
    let blocks = geometry.chunkByteCount.multipliedReportingOverflow(by: 4 * max(1, atOnce))
    let wanted = max(band, usualByteCount, blocks.overflow ? .max : blocks.partialValue)
    let most = min(room, wanted)
    // Of rows of blocks as many as are whole groups of elements, where they fit.
    let factor = groupByteCount(size) / greatestDivisor(band, groupByteCount(size))
    let group = band.multipliedReportingOverflow(by: factor)
    if !group.overflow, group.partialValue <= most {
      return most / group.partialValue * group.partialValue
    }
    return most / band * band
  }

  /// The size of the groups of elements of which pieces are made.
  private static func groupByteCount(_ size: Int) -> Int { groupCount * size }

  private static func greatestDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b > 0 { (a, b) = (b, a % b) }
    return a
  }

  /// Whether every block is decoded once.
  package var decodesOnce: Bool {
    windowByteCount == geometry.byteCount || windowByteCount % geometry.bandByteCount == 0
  }

  /// Whether all windows but the last hold whole groups of elements.
  package var windowsAreGroups: Bool {
    windowByteCount == geometry.byteCount
      || windowByteCount % Self.groupByteCount(geometry.elementByteCount) == 0
  }
}

extension ChunkGeometry {
  /// How many bytes of the tensor are a row of blocks: after as many, blocks begin anew.
  package var bandByteCount: Int {
    guard let axis = shape.firstIndex(where: { $0 > 1 }) else { return byteCount }
    let inner = shape[(axis + 1)...].reduce(elementByteCount, *)
    return min(shape[axis], chunkShape[axis]) * inner
  }

  /// From the first to the last of the tensor's bytes that a block holds.
  package func span(at origin: [Int]) -> Range<Int> {
    var (first, last) = (0, 0)
    for axis in shape.indices {
      first = first * shape[axis] + origin[axis]
      last = last * shape[axis] + min(shape[axis], origin[axis] + chunkShape[axis]) - 1
    }
    return (first * elementByteCount)..<((last + 1) * elementByteCount)
  }
}
