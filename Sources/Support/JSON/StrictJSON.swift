/// JSON of a header that is not trusted: members keep their order, a name that comes twice is an
/// error, whole numbers are exact up to 2^64, nesting is bounded.
///
/// Specification: RFC 8259.
package indirect enum StrictJSON {
  case null
  case bool(Bool)
  /// A number written without a sign, a fraction or an exponent.
  case integer(UInt64)
  /// Any other number, as written.
  case number(String)
  case string(String)
  case array([StrictJSON])
  case object([Member])

  /// A member of an object.
  package struct Member {
    package var name: String
    package var value: StrictJSON
  }

  /// Parses a document; white space around it is allowed.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  /// - Complexity: O(bytes).
  package init(parsing bytes: [UInt8]) throws {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw Diagnostic(.badData, "its JSON is not valid UTF-8")
    }
    self = try bytes.withUnsafeBufferPointer { buffer in
      var parser = StrictJSONParser(buffer)
      return try parser.document()
    }
  }

  /// The member of that name.
  package subscript(name: String) -> StrictJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The text, when this is one.
  package var string: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  /// The whole number, when this is one that fits.
  package var length: Int? {
    if case .integer(let value) = self { return Int(exactly: value) }
    return nil
  }

  /// The elements, when this is an array.
  package var array: [StrictJSON]? {
    if case .array(let list) = self { return list }
    return nil
  }

  /// The members in their order, when this is an object.
  package var members: [Member]? {
    if case .object(let members) = self { return members }
    return nil
  }
}
