import Support

/// What an expression of a family file comes to.
enum FamilyValue: Hashable {
  /// Something that the file does not say: a missing key of the configuration, a missing tensor.
  case nothing
  case number(Double)
  case flag(Bool)
  case text(String)
  case list([FamilyValue])

  init(_ json: JSONValue?) {
    switch json {
    case .number(let number): self = .number(number)
    case .bool(let flag): self = .flag(flag)
    case .string(let text): self = .text(text)
    case .array(let items): self = .list(items.map { FamilyValue($0) })
    case .object: self = .text("")
    case .null, nil: self = .nothing
    }
  }

  init(_ count: Int?) { self = count.map { .number(Double($0)) } ?? .nothing }

  /// Whether a condition of this value holds: nothing and `false` do not.
  var holds: Bool { self != .nothing && self != .flag(false) }

  /// The number; nil where it is none.
  var number: Double? { if case .number(let number) = self { number } else { nil } }

  /// The whole number; nil where it is none.
  var integer: Int? { number.flatMap { Int(exactly: $0) } }

  /// As it stands in a description.
  var written: String {
    switch self {
    case .nothing: "null"
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    case .flag(let flag): flag ? "true" : "false"
    case .text(let text): text
    case .list(let items): "[" + items.map(\.written).joined(separator: ", ") + "]"
    }
  }
}
