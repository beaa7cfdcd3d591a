/// Builds one record's payload: little-endian integers, and byte strings after their length.
public struct WireWriter: Sendable {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  /// Makes an empty writer.
  public init() {}

  /// Appends an integer, least significant byte first.
  public mutating func append<Integer: FixedWidthInteger>(_ value: Integer) {
    var rest = value
    for _ in 0..<MemoryLayout<Integer>.size {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  /// Appends a count, in 8 bytes.
  public mutating func append(count: Int) { append(UInt64(count)) }

  /// Appends bytes after their count.
  public mutating func append(block: some Collection<UInt8>) {
    append(count: block.count)
    bytes.append(contentsOf: block)
  }

  /// Appends a text as UTF-8.
  public mutating func append(text: String) { append(block: Array(text.utf8)) }

  /// Appends a list of lengths or indices.
  public mutating func append(lengths: [UInt64]) {
    append(count: lengths.count)
    for length in lengths { append(length) }
  }
}
