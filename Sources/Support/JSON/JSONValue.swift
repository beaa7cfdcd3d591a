import Foundation

/// A JSON document whose shape is not known in advance, such as a model's configuration.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Parses a document. Foundation's parser bounds the nesting depth (512).
  ///
  /// - Throws: `Diagnostic` of code `badData` when the bytes are not JSON.
  public init(parsing bytes: some Sequence<UInt8>) throws {
    do {
      let object = try JSONSerialization.jsonObject(
        with: Data(bytes), options: [.fragmentsAllowed])
      self = try JSONValue(foundation: object)
    } catch let error as Diagnostic {
      throw error
    } catch {
      throw Diagnostic(.badData, "this is not JSON")
    }
  }

  private init(foundation object: Any) throws {
    switch object {
    case let text as String: self = .string(text)
    case let number as NSNumber:
      // On Linux `JSONSerialization` yields booleans as NSNumber of the Boolean CF type.
      self = CFBooleanCheck.isBoolean(number) ? .bool(number.boolValue) : .number(nearest(number))
    case let list as [Any]: self = .array(try list.map(JSONValue.init(foundation:)))
    case let members as [String: Any]:
      self = .object(try members.mapValues(JSONValue.init(foundation:)))
    case is NSNull: self = .null
    default: throw Diagnostic(.badData, "this JSON holds a value of an unknown kind")
    }
  }
}

/// The number nearest to what the document says. Numbers of 17 digits and more come as decimal ones,
/// whose own conversion is off by some units in the last place.
private func nearest(_ number: NSNumber) -> Double {
  (number as? NSDecimalNumber).flatMap { Double($0.description) } ?? number.doubleValue
}

/// Tells JSON's `true` from its `1`.
private enum CFBooleanCheck {
  static func isBoolean(_ number: NSNumber) -> Bool {
    type(of: number) == type(of: NSNumber(value: true)) && String(cString: number.objCType) == "c"
  }
}

extension JSONValue {
  /// The member of that name, when this is an object that has one.
  public subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { return members[name] }
    return nil
  }

  /// The element at an index, when this is an array that has one.
  public subscript(index: Int) -> JSONValue? {
    if case .array(let list) = self, list.indices.contains(index) { return list[index] }
    return nil
  }

  /// The text, when this is one.
  public var string: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  /// The number, when this is one.
  public var number: Double? {
    if case .number(let number) = self { return number }
    return nil
  }

  /// The number as an integer, when it is one exactly.
  public var integer: Int? { number.flatMap { Int(exactly: $0) } }

  /// The truth value, when this is one.
  public var bool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// The elements, when this is an array.
  public var array: [JSONValue]? {
    if case .array(let list) = self { return list }
    return nil
  }

  /// The members, when this is an object.
  public var object: [String: JSONValue]? {
    if case .object(let members) = self { return members }
    return nil
  }
}
