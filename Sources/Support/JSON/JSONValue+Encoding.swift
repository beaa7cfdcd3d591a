import Foundation

extension JSONValue: Encodable {
  /// Writes the value; whole numbers without a fraction.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let number):
      if let whole = Int(exactly: number), abs(number) < 0x1p53 {
        try container.encode(whole)
      } else {
        try container.encode(number)
      }
    case .string(let text): try container.encode(text)
    case .array(let list): try container.encode(list)
    case .object(let members): try container.encode(members)
    }
  }

  /// The document's bytes, indented, with sorted keys: equal values make equal bytes.
  ///
  /// - Throws: `Diagnostic` of code `failed` where a number is not finite.
  public func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(self)) } catch {
      throw Diagnostic(.failed, "this cannot be written as JSON")
    }
  }
}
