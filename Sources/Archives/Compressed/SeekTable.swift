import Support

/// The table at the end of a zstd file in seekable format: the sizes of its frames, each of which can
/// be decompressed without the others.
///
/// Specification: contrib/seekable_format/zstd_seekable_compression_format.md in zstd.
struct SeekTable: Sendable {
  /// One frame: where it is stored, and which bytes of the result it holds.
  struct Frame: Sendable {
    var stored: Range<Int>
    var contents: Range<Int>
    /// The low half of the XXH64 of its contents, where the table has it.
    var checksum: UInt32?
  }

  /// The frames that hold something, in their order.
  private(set) var frames: [Frame] = []
  /// The size of the result.
  private(set) var byteCount = 0

  private static let footerByteCount = 9
  private static let headerByteCount = 8

  /// Reads the table; nil where the file has none, or one that does not fit it: the frames tell
  /// themselves what they hold, then, one after the other.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the file cannot be read.
  init?(_ file: OpenFile) throws {
    let footer = try file.bytes(
      at: file.byteCount - Self.footerByteCount, count: Self.footerByteCount)
    guard footer.count == Self.footerByteCount, Self.number(footer, 5) == 0x8F92_EAB1,
      footer[4] & 0x7F == 0
    else { return nil }
    let hasChecksums = footer[4] != 0
    let size = hasChecksums ? 12 : 8
    let count = Self.number(footer, 0)
    let tableByteCount = count * size
    let start = file.byteCount - Self.footerByteCount - tableByteCount - Self.headerByteCount
    // A frame is at least nine bytes, so that the table is no larger than what it tells of.
    guard start >= 0, count <= file.byteCount / 9 else { return nil }
    let header = try file.bytes(at: start, count: Self.headerByteCount)
    guard header.count == Self.headerByteCount, Self.number(header, 0) == 0x184D_2A5E,
      Self.number(header, 4) == tableByteCount + Self.footerByteCount
    else { return nil }
    let table = try file.bytes(at: start + Self.headerByteCount, count: tableByteCount)
    guard table.count == tableByteCount else { return nil }
    var place = 0
    for index in 0..<count {
      let stored = Self.number(table, index * size)
      let contents = Self.number(table, index * size + 4)
      guard stored <= start - place else { return nil }
      if contents > 0 {
        frames.append(
          Frame(
            stored: place..<(place + stored), contents: byteCount..<(byteCount + contents),
            checksum: hasChecksums
              ? UInt32(Self.number(table, index * size + 8)) : nil))
      }
      place += stored
      byteCount += contents
    }
    guard place == start else { return nil }
  }

  /// The indices of the frames that hold a range of the result.
  ///
  /// - Complexity: O(log(frames)).
  func indices(of range: Range<Int>) -> Range<Int> {
    func first(_ isPast: (Frame) -> Bool) -> Int {
      var (low, high) = (0, frames.count)
      while low < high {
        let middle = (low + high) / 2
        if isPast(frames[middle]) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    let start = first { $0.contents.upperBound > range.lowerBound }
    return start..<max(start, first { $0.contents.lowerBound >= range.upperBound })
  }

  private static func number(_ bytes: [UInt8], _ index: Int) -> Int {
    bytes[index..<(index + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
