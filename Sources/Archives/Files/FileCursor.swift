package import Support

/// Takes fields from a range of a file, block by block, so that what is skipped is never read.
package struct FileCursor {
  /// Where the next field begins.
  package var position: Int
  /// Where the range ends.
  package let end: Int
  /// Whether fields are stored most significant byte first.
  package var isBigEndian = false

  private let blocks: Blocks

  /// Makes a cursor over a whole file.
  package init(_ file: OpenFile) {
    position = 0
    end = file.byteCount
    blocks = Blocks(file)
  }

  private init(blocks: Blocks, range: Range<Int>) {
    self.blocks = blocks
    position = range.lowerBound
    end = range.upperBound
  }

  /// How many bytes are left.
  package var remaining: Int { end - position }

  /// A cursor over the next bytes, which are skipped.
  package mutating func part(_ count: Int) throws -> FileCursor {
    guard count >= 0, count <= remaining else { throw FileCursor.truncated }
    defer { position += count }
    return FileCursor(blocks: blocks, range: position..<(position + count))
  }

  /// One byte.
  package mutating func byte() throws -> UInt8 {
    guard position < end else { throw FileCursor.truncated }
    defer { position += 1 }
    return try blocks.byte(at: position)
  }

  /// A field, little-endian unless the cursor says otherwise.
  package mutating func field<Integer: FixedWidthInteger>(_: Integer.Type) throws -> Integer {
    var value: Integer = 0
    for shift in 0..<MemoryLayout<Integer>.size {
      value |= Integer(truncatingIfNeeded: try byte()) << Integer(shift * 8)
    }
    return isBigEndian ? value.byteSwapped : value
  }

  /// That many bytes.
  package mutating func bytes(_ count: Int) throws -> [UInt8] {
    guard count >= 0, count <= remaining else { throw FileCursor.truncated }
    defer { position += count }
    return try blocks.file.bytes(at: position, count: count)
  }

  /// Skips bytes.
  package mutating func skip(_ count: Int) throws {
    guard count >= 0, count <= remaining else { throw FileCursor.truncated }
    position += count
  }

  package static let truncated = Diagnostic(
    .badData, "it ends within a field", remedy: "the file is truncated: copy or download it again")

  /// The block that was read last.
  private final class Blocks {
    let file: OpenFile
    private var bytes: [UInt8] = []
    private var start = 0

    init(_ file: OpenFile) { self.file = file }

    func byte(at position: Int) throws -> UInt8 {
      if position < start || position >= start + bytes.count {
        start = position
        bytes = try file.bytes(at: position, count: 16 << 10)
        guard !bytes.isEmpty else { throw FileCursor.truncated }
      }
      return bytes[position - start]
    }
  }
}
