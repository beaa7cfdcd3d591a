/// Takes little-endian fields from bytes that are not trusted.
package struct ByteCursor {
  private let bytes: ArraySlice<UInt8>
  package var position: Int

  /// Makes a cursor at the start of some bytes.
  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// How many bytes are left.
  package var remaining: Int { bytes.endIndex - position }

  /// A field of that width, or nil where the bytes end before.
  package mutating func field<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
    guard let part = block(MemoryLayout<Integer>.size) else { return nil }
    return part.reversed().reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
  }

  /// That many bytes, or nil where there are fewer.
  package mutating func block(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= remaining else { return nil }
    defer { position += count }
    return bytes[position..<(position + count)]
  }
}

/// Appends a little-endian field.
package func append<Integer: FixedWidthInteger>(_ value: Integer, to bytes: inout [UInt8]) {
  withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
}
