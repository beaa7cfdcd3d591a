public import Support

/// A value of a cell of the index.
public enum IndexValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)

  /// A number, as an integer where it is one.
  public init(number: Double) {
    if let integer = Int64(exactly: number), integer.magnitude < 1 << 53 {
      self = .integer(integer)
    } else {
      self = number.isNaN ? .null : .real(number)
    }
  }

  /// What a table's cell says: a number where it reads as one, a truth value as 1 or 0, otherwise
  /// text; nothing where it is empty.
  public init(cell: some StringProtocol) {
    let text = String(cell)
    if text.isEmpty {
      self = .null
    } else if let integer = Int64(text) {
      self = .integer(integer)
    } else if let number = Double(text), !text.contains("x"), !text.contains("X") {
      self = number.isNaN ? .null : .real(number)
    } else {
      switch text {
      case "True", "true": self = .integer(1)
      case "False", "false": self = .integer(0)
      default: self = .text(text)
      }
    }
  }

  /// A scalar of a JSON document; nil for lists and objects.
  public init?(_ json: JSONValue) {
    switch json {
    case .null: self = .null
    case .bool(let truth): self = .integer(truth ? 1 : 0)
    case .number(let number): self.init(number: number)
    case .string(let text): self = .text(text)
    case .array, .object: return nil
    }
  }

  /// The value as a number; nil where it is none.
  public var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .real(let number): number
    case .null, .text: nil
    }
  }

  /// The value as an integer; nil where it is none.
  public var integer: Int? {
    if case .integer(let integer) = self { Int(integer) } else { nil }
  }

  /// The name of its type, as the index keeps it.
  package var typeName: String? {
    switch self {
    case .null: nil
    case .integer: "integer"
    case .real: "real"
    case .text: "text"
    }
  }

  /// The value as a person or a table reads it.
  public var text: String {
    switch self {
    case .null: ""
    case .integer(let integer): String(integer)
    case .real(let number): "\(number)"
    case .text(let text): text
    }
  }
}

extension IndexValue: Encodable {
  /// Writes the bare value; what JSON has no number for is `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .integer(let integer): try container.encode(integer)
    case .real(let number):
      if number.isFinite { try container.encode(number) } else { try container.encodeNil() }
    case .text(let text): try container.encode(text)
    }
  }
}
