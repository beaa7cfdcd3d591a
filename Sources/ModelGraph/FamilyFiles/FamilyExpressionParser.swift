import Support

/// Reads an expression of a family file.
///
/// From the loosest to the tightest: `a if c else b`; `or`; `and`; `not`; comparisons and `in`; `+ -`;
/// `* / // %`; a sign; `**`; what stands behind a value in square brackets. A name before brackets is a tensor
/// unless it is a size: `wte.weight[1]`.
struct FamilyExpressionParser {
  private enum Token: Hashable {
    case name(String)
    case text(String)
    case number(Double)
    case sign(String)
  }

  /// Expressions nest no deeper: only hostile files come near.
  private static let deepest = 64
  private static let queries: Set<String> = ["config", "stated", "has", "count", "rank"]
  private static let words: Set<String> = ["if", "else", "or", "and", "not", "in"]

  private let text: String
  private var tokens: [Token] = []
  private var place = 0
  private var depth = 0

  /// The expression of a text.
  ///
  /// - Throws: `Diagnostic` of code `badData` that quotes the expression.
  static func parse(_ text: String) throws -> FamilyExpression {
    var parser = FamilyExpressionParser(text: text)
    parser.tokens = try parser.split()
    let result = try parser.choice()
    guard parser.place == parser.tokens.count else { throw parser.error }
    return result
  }

  private init(text: String) { self.text = text }

  private var error: Diagnostic { Diagnostic(.badData, "'\(text)' is no expression") }

  // MARK: Words

  private func split() throws -> [Token] {
    var result: [Token] = []
    var rest = Array(text)[...]
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
      } else if first.isLetter || first == "_" || first == "{" {
        let word = rest.prefix { $0.isLetter || $0.isNumber || "_.{}#".contains($0) }
        result.append(Self.words.contains(String(word)) ? .sign(String(word)) : .name(String(word)))
        rest = rest.dropFirst(word.count)
      } else if first.isNumber || first == "." {
        var word = rest.prefix { $0.isNumber || $0 == "." || $0 == "e" }
        let after = rest.dropFirst(word.count)
        if word.last == "e", after.first == "-" {
          word = rest.prefix(word.count + 1 + after.dropFirst().prefix { $0.isNumber }.count)
        }
        guard let number = Double(String(word)), number.isFinite else { throw error }
        result.append(.number(number))
        rest = rest.dropFirst(word.count)
      } else if first == "'" || first == "\"" {
        let body = rest.dropFirst().prefix { $0 != first }
        guard rest.count >= body.count + 2 else { throw error }
        result.append(.text(String(body)))
        rest = rest.dropFirst(body.count + 2)
      } else {
        let pair = String(rest.prefix(2))
        let sign = ["==", "!=", "<=", ">=", "//", "**"].contains(pair) ? pair : String(first)
        guard sign.count == 2 || "+-*/%<>()[],".contains(first) else { throw error }
        result.append(.sign(sign))
        rest = rest.dropFirst(sign.count)
      }
    }
    return result
  }

  private mutating func take(_ signs: Set<String>) -> String? {
    guard place < tokens.count, case .sign(let sign) = tokens[place], signs.contains(sign) else {
      return nil
    }
    place += 1
    return sign
  }

  private mutating func require(_ sign: String) throws {
    guard take([sign]) != nil else { throw error }
  }

  // MARK: Grammar

  private mutating func choice() throws -> FamilyExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw error }
    let value = try chain(0)
    guard take(["if"]) != nil else { return value }
    let condition = try chain(0)
    try require("else")
    return .choice(condition, then: value, otherwise: try choice())
  }

  /// The signs of each level, from the loosest.
  private static let levels: [Set<String>] = [
    ["or"], ["and"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "//", "%"],
  ]

  private mutating func chain(_ level: Int) throws -> FamilyExpression {
    guard level < Self.levels.count else { return try signed() }
    if level == 2, take(["not"]) != nil {
      depth += 1
      defer { depth -= 1 }
      guard depth <= Self.deepest else { throw error }
      return .unary("not", try chain(2))
    }
    var result = try chain(level + 1)
    while let sign = take(Self.levels[level]) {
      result = .binary(sign, result, try chain(level + 1))
    }
    return result
  }

  private mutating func signed() throws -> FamilyExpression {
    if take(["-"]) != nil {
      depth += 1
      defer { depth -= 1 }
      guard depth <= Self.deepest else { throw error }
      return .unary("-", try signed())
    }
    let base = try indexed()
    guard take(["**"]) != nil else { return base }
    return .binary("**", base, try signed())
  }

  private mutating func indexed() throws -> FamilyExpression {
    var result = try primary()
    while take(["["]) != nil {
      let index = try choice()
      try require("]")
      result = .binary("[", result, index)
    }
    return result
  }

  private mutating func primary() throws -> FamilyExpression {
    guard place < tokens.count else { throw error }
    let token = tokens[place]
    place += 1
    switch token {
    case .number(let number): return .constant(.number(number))
    case .text(let text): return try axis(of: text) ?? .constant(.text(text))
    case .sign("("):
      let inner = try choice()
      try require(")")
      return inner
    case .sign("["): return .list(try list(until: "]"))
    case .sign: throw error
    case .name("true"): return .constant(.flag(true))
    case .name("false"): return .constant(.flag(false))
    case .name("null"): return .constant(.nothing)
    case .name(let name):
      if name.contains("."), let axis = try axis(of: name) { return axis }
      guard take(["("]) != nil else { return .variable(name) }
      guard Self.queries.contains(name) else { return .call(name, try list(until: ")")) }
      guard place < tokens.count else { throw error }
      let argument: String
      switch tokens[place] {
      case .name(let text), .text(let text): argument = text
      default: throw error
      }
      place += 1
      try require(")")
      return .query(name, argument)
    }
  }

  /// The length of an axis, where an index stands behind the name of a tensor.
  private mutating func axis(of tensor: String) throws -> FamilyExpression? {
    guard take(["["]) != nil else { return nil }
    guard place < tokens.count, case .number(let number) = tokens[place],
      let index = Int(exactly: number)
    else { throw error }
    place += 1
    try require("]")
    return .axis(tensor: tensor, index)
  }

  private mutating func list(until end: String) throws -> [FamilyExpression] {
    var items: [FamilyExpression] = []
    if take([end]) != nil { return items }
    repeat { items.append(try choice()) } while take([","]) != nil
    try require(end)
    return items
  }
}
