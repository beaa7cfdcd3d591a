/// Why an answer could not be decoded.
public struct WireError: Error, Sendable, Hashable {
  /// What is wrong with the bytes.
  public var message: String

  /// Makes an error.
  public init(_ message: String) { self.message = message }
}

/// Reads what `WireWriter` wrote. Whoever sent the bytes may lie: every length is checked against
/// what is there before it is used, and nothing is allocated on the word of a length alone.
public struct WireReader: Sendable {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  /// Makes a reader over some bytes.
  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// How many bytes are left.
  public var remaining: Int { bytes.endIndex - position }

  /// Takes an integer.
  public mutating func take<Integer: FixedWidthInteger>(_: Integer.Type) throws -> Integer {
    let size = MemoryLayout<Integer>.size
    guard remaining >= size else { throw WireError("the answer ends inside a number") }
    var value: Integer = 0
    for index in 0..<size {
      value |= Integer(truncatingIfNeeded: bytes[position + index]) << Integer(8 * index)
    }
    position += size
    return value
  }

  /// Takes a count of things that take at least `size` bytes each.
  public mutating func takeCount(of size: Int = 1) throws -> Int {
    let count = try take(UInt64.self)
    guard let count = Int(exactly: count), count <= remaining / max(1, size) else {
      throw WireError("the answer announces more than it holds")
    }
    return count
  }

  /// Takes bytes that follow their count.
  public mutating func takeBlock() throws -> ArraySlice<UInt8> {
    let count = try takeCount()
    defer { position += count }
    return bytes[position..<(position + count)]
  }

  /// Takes a text. Bytes that are not UTF-8 become replacement characters.
  public mutating func takeText() throws -> String {
    String(decoding: try takeBlock(), as: UTF8.self)
  }

  /// Takes a list of lengths or indices.
  public mutating func takeLengths() throws -> [UInt64] {
    let count = try takeCount(of: 8)
    var lengths: [UInt64] = []
    lengths.reserveCapacity(count)
    for _ in 0..<count { lengths.append(try take(UInt64.self)) }
    return lengths
  }

  /// Checks that nothing is left.
  public func finish() throws {
    guard remaining == 0 else { throw WireError("a record is longer than what it holds") }
  }
}
