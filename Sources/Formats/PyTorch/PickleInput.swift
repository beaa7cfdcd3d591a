package import Archives
package import Support

/// The bytes of a pickle, taken from a range of a file piece by piece: the tensors' data behind it
/// are not read.
package struct PickleInput {
  private static let pieceByteCount = 64 << 10

  private let file: OpenFile?
  private let end: Int
  private var buffer: [UInt8]
  /// Where in the file the buffer begins.
  private var base: Int
  private var index = 0

  /// Reads from a range of a file.
  package init(_ file: OpenFile, from offset: Int, to end: Int) {
    self.file = file
    self.end = min(end, file.byteCount)
    base = max(0, offset)
    buffer = []
  }

  /// Reads bytes in memory.
  package init(_ bytes: [UInt8]) {
    file = nil
    end = bytes.count
    base = 0
    buffer = bytes
  }

  /// Where the next byte is.
  package var position: Int { base + index }
  /// How many bytes are left.
  package var remaining: Int { max(0, end - position) }

  /// The next byte.
  package mutating func byte() throws -> UInt8 {
    if index == buffer.count { try refill(1) }
    defer { index += 1 }
    return buffer[index]
  }

  /// So many bytes.
  ///
  /// - Throws: `Diagnostic` of code `badData` where there are fewer; nothing is allocated then.
  package mutating func bytes(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw PickleInput.truncated }
    if buffer.count - index < count { try refill(count) }
    defer { index += count }
    return buffer[index..<(index + count)]
  }

  /// A little-endian field.
  package mutating func field<Integer: FixedWidthInteger>(_: Integer.Type) throws -> Integer {
    try bytes(MemoryLayout<Integer>.size).reversed().reduce(0) {
      $0 << 8 | Integer(truncatingIfNeeded: $1)
    }
  }

  /// The bytes up to the next line feed, which is taken, too.
  package mutating func line(limit: Int) throws -> [UInt8] {
    var line: [UInt8] = []
    while true {
      let next = try byte()
      if next == 0x0A { return line }
      guard line.count < limit else {
        throw Diagnostic(.badData, "its pickle holds a name of more than \(limit) bytes")
      }
      line.append(next)
    }
  }

  /// Passes over bytes without reading them.
  package mutating func skip(_ count: Int) throws {
    guard count >= 0, count <= remaining else { throw PickleInput.truncated }
    if buffer.count - index >= count {
      index += count
    } else {
      base += index + count
      buffer = []
      index = 0
    }
  }

  private mutating func refill(_ count: Int) throws {
    guard let file, count <= remaining else { throw PickleInput.truncated }
    let start = position
    buffer = try file.bytes(
      at: start, count: min(remaining, max(count, PickleInput.pieceByteCount)))
    base = start
    index = 0
    guard buffer.count >= count else { throw PickleInput.truncated }
  }

  package static var truncated: Diagnostic {
    Diagnostic(
      .badData, "its pickle ends in the middle", remedy: "copy or download the file again")
  }
}
