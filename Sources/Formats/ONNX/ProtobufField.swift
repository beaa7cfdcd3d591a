import Archives
import Support

/// One field of a protobuf message.
///
/// Specification: https://protobuf.dev/programming-guides/encoding
struct ProtobufField {
  enum Value {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    /// A text, a message, or packed numbers.
    case bytes(FileCursor)
  }

  var number: Int
  var value: Value

  /// The number, where it is a varint.
  var varint: UInt64? {
    if case .varint(let value) = value { return value }
    return nil
  }

  /// The bytes, as a cursor over them.
  func message() throws -> FileCursor {
    guard case .bytes(let cursor) = value else {
      throw ONNXFile.damaged("its field \(number) is not a message")
    }
    return cursor
  }

  /// The text, of at most that many bytes.
  func text(limit: Int = 1 << 20) throws -> String {
    var cursor = try message()
    guard cursor.remaining <= limit else {
      throw ONNXFile.damaged("a text of \(cursor.remaining) bytes is absurd")
    }
    guard let text = String(validating: try cursor.bytes(cursor.remaining), as: UTF8.self) else {
      throw ONNXFile.damaged("a text is not valid UTF-8")
    }
    return text
  }
}

extension FileCursor {
  /// A number in groups of seven bits.
  mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { throw ONNXFile.damaged("a number is beyond 2^64") }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw ONNXFile.damaged("a number is beyond 2^64")
  }

  /// The next field of a message; nil at its end.
  mutating func nextField() throws -> ProtobufField? {
    guard remaining > 0 else { return nil }
    let tag = try varint()
    guard tag >> 3 > 0, let number = Int(exactly: tag >> 3), number < 1 << 29 else {
      throw ONNXFile.damaged("a field has an impossible number")
    }
    switch tag & 7 {
    case 0: return ProtobufField(number: number, value: .varint(try varint()))
    case 1: return ProtobufField(number: number, value: .fixed64(try field(UInt64.self)))
    case 2:
      let length = try varint()
      guard let count = Int(exactly: length), count <= remaining else {
        throw ONNXFile.damaged("a field of \(length) bytes reaches beyond the end of its message")
      }
      return ProtobufField(number: number, value: .bytes(try part(count)))
    case 5: return ProtobufField(number: number, value: .fixed32(try field(UInt32.self)))
    default: throw ONNXFile.damaged("a field has an impossible type")
    }
  }
}
