import Support
import Yams

/// One layer of a description: its settings, checked as they are read.
struct GraphFileLayer {
  let name: String
  let type: String
  private let settings: Node.Mapping

  init(_ node: Node) throws {
    guard let mapping = node.mapping, let type = mapping["type"]?.string else {
      throw Diagnostic(.badData, "a layer is a mapping with a type")
    }
    settings = mapping
    self.type = GraphFileTypes.canonical(type)
    name = mapping["name"]?.string ?? type
  }

  /// Whether the setting is there.
  func has(_ key: String) -> Bool { settings[key] != nil }

  /// The names of the layers that it reads; nil where it does not say.
  func inputs() throws -> [String]? {
    try settings["inputs"].map { try Self.texts($0, "inputs") }
  }

  /// The name of the tensor of a role; nil where it does not say.
  func tensor(_ role: String) -> String? { settings["tensors"]?[role]?.string }

  /// A text.
  func text(_ key: String) -> String? { settings[key]?.string }

  /// A number.
  func number(_ key: String, default fallback: Double) throws -> Double {
    guard let node = settings[key] else { return fallback }
    guard let number = node.float ?? node.int.map(Double.init), number.isFinite else {
      throw wrong(key, "a number")
    }
    return number
  }

  /// A truth value.
  func flag(_ key: String, default fallback: Bool) throws -> Bool {
    guard let node = settings[key] else { return fallback }
    guard let flag = node.bool else { throw wrong(key, "true or false") }
    return flag
  }

  /// An integer.
  func integer(_ key: String, default fallback: Int? = nil) throws -> Int {
    guard let node = settings[key] else {
      if let fallback { return fallback }
      throw wrong(key, "an integer")
    }
    return try Self.plausible(node.int, key)
  }

  /// Integers, or one for all axes.
  func integers(_ key: String, count: Int, default fallback: Int? = nil) throws -> [Int] {
    guard let node = settings[key] else {
      guard let fallback else { throw wrong(key, "\(count) integers") }
      return Array(repeating: fallback, count: count)
    }
    if let list = node.sequence {
      guard list.count == count else { throw wrong(key, "\(count) integers") }
      return try list.map { try Self.plausible($0.int, key) }
    }
    return Array(repeating: try Self.plausible(node.int, key), count: count)
  }

  /// A shape; `?` or null for lengths that are not known.
  func shape(_ key: String) throws -> [Int?] {
    guard let list = settings[key]?.sequence, !list.isEmpty else { throw wrong(key, "a shape") }
    return try list.map { node in
      if node.null != nil || node.string == "?" { return nil }
      return try Self.plausible(node.int, key)
    }
  }

  /// Margins: one number, one for each axis, or a pair for each axis.
  func margins(_ key: String, count: Int) throws -> [Margin] {
    guard let node = settings[key] else { throw wrong(key, "margins") }
    guard let list = node.sequence else {
      let margin = try Self.plausible(node.int, key)
      return Array(repeating: Margin(margin, margin), count: count)
    }
    guard list.count == count else { throw wrong(key, "margins of \(count) axes") }
    return try list.map { item in
      if let pair = item.sequence {
        guard pair.count == 2 else { throw wrong(key, "pairs of integers") }
        return Margin(try Self.plausible(pair[0].int, key), try Self.plausible(pair[1].int, key))
      }
      let margin = try Self.plausible(item.int, key)
      return Margin(margin, margin)
    }
  }

  /// Padding: `same`, `valid`, `causal`, or margins.
  func padding(count: Int) throws -> Padding {
    switch settings["padding"]?.string {
    case nil where settings["padding"] == nil: return .valid
    case "same": return .same
    case "valid": return .valid
    case "causal": return .causal
    default: return .explicit(try margins("padding", count: count))
    }
  }

  /// Texts, or one.
  static func texts(_ node: Node, _ key: String) throws -> [String] {
    if let one = node.string { return [one] }
    guard let list = node.sequence else {
      throw Diagnostic(.badData, "\(key) is not a list of names")
    }
    return try list.map { item in
      guard let text = item.string else {
        throw Diagnostic(.badData, "\(key) is not a list of names")
      }
      return text
    }
  }

  private static func plausible(_ value: Int?, _ key: String) throws -> Int {
    guard let value, value >= -1, value <= CheckedShape.longestAxis else {
      throw Diagnostic(.badData, "\(key) is not an integer that can be right")
    }
    return value
  }

  private func wrong(_ key: String, _ what: String) -> Diagnostic {
    Diagnostic(.badData, "\(key) is not \(what)", at: [name])
  }
}
