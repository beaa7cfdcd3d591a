import Specs
import Support

/// One layer of a description: its settings, checked as they are read.
struct GraphFileLayer {
  let name: String
  let type: String
  private let settings: SpecNode

  init(_ node: SpecNode) throws {
    guard node.isMapping, let type = node["type"]?.text else {
      throw Diagnostic(.badData, "a layer is a mapping with a type")
    }
    settings = node
    self.type = GraphFileTypes.canonical(type)
    name = node["name"]?.text ?? type
  }

  /// Whether the setting is there.
  func has(_ key: String) -> Bool { settings[key] != nil }

  /// The names of the layers that it reads; nil where it does not say.
  func inputs() throws -> [String]? {
    try settings["inputs"].map { try Self.texts($0, "inputs") }
  }

  /// The name of the tensor of a role; nil where it does not say.
  func tensor(_ role: String) -> String? { settings["tensors"]?[role]?.text }

  /// The names of all tensors that it names.
  var tensorNames: [String] { settings["tensors"]?.pairs?.compactMap(\.value.text) ?? [] }

  /// The names of the tensor of a role, of which the first that the file has is meant; nil where it does
  /// not say.
  func tensors(_ role: String) -> [String]? {
    guard let node = settings["tensors"]?[role] else { return nil }
    return node.text.map { [$0] } ?? node.elements?.compactMap(\.text)
  }

  /// Further names of the tensor of a role that the file may have, as it does where a model was saved
  /// with all names of what it shares.
  func copies(_ role: String) -> [String] {
    guard let node = settings["copies"]?[role] else { return [] }
    return node.text.map { [$0] } ?? node.elements?.compactMap(\.text) ?? []
  }

  /// The words of a list.
  func words(_ key: String) throws -> [String] {
    try settings[key].map { try Self.texts($0, key) } ?? []
  }

  /// A text.
  func text(_ key: String) -> String? { settings[key]?.text }

  /// A number.
  func number(_ key: String, default fallback: Double) throws -> Double {
    guard let node = settings[key] else { return fallback }
    guard let number = node.realNumber, number.isFinite else {
      throw wrong(key, "a number")
    }
    return number
  }

  /// A truth value.
  func flag(_ key: String, default fallback: Bool) throws -> Bool {
    guard let node = settings[key] else { return fallback }
    guard let flag = node.truth else { throw wrong(key, "true or false") }
    return flag
  }

  /// An integer.
  func integer(_ key: String, default fallback: Int? = nil) throws -> Int {
    guard let node = settings[key] else {
      if let fallback { return fallback }
      throw wrong(key, "an integer")
    }
    return try Self.plausible(node.wholeNumber, key)
  }

  /// Integers, or one for all axes.
  func integers(_ key: String, count: Int, default fallback: Int? = nil) throws -> [Int] {
    guard let node = settings[key] else {
      guard let fallback else { throw wrong(key, "\(count) integers") }
      return Array(repeating: fallback, count: count)
    }
    if let list = node.elements {
      guard list.count == count else { throw wrong(key, "\(count) integers") }
      return try list.map { try Self.plausible($0.wholeNumber, key) }
    }
    return Array(repeating: try Self.plausible(node.wholeNumber, key), count: count)
  }

  /// Integers, as many as there are.
  func list(_ key: String) throws -> [Int] {
    guard let list = settings[key]?.elements else { throw wrong(key, "a list of integers") }
    return try list.map { try Self.plausible($0.wholeNumber, key) }
  }

  /// Lists of integers.
  func lists(_ key: String) throws -> [[Int]] {
    guard let list = settings[key]?.elements else { throw wrong(key, "a list of lists") }
    return try list.map { item in
      guard let inner = item.elements else { throw wrong(key, "a list of lists") }
      return try inner.map { try Self.plausible($0.wholeNumber, key) }
    }
  }

  /// A place among the steps, which may count from the end.
  func position(_ key: String) throws -> Int {
    guard let place = settings[key]?.wholeNumber, abs(place) <= CheckedShape.longestAxis else {
      throw wrong(key, "a place among the steps")
    }
    return place
  }

  /// One of several words.
  func choice<Word: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Word
  ) throws -> Word where Word.RawValue == String {
    guard let node = settings[key] else { return fallback }
    guard let word = node.text.flatMap(Word.init(rawValue:)) else {
      throw wrong(key, Word.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return word
  }

  /// The mappings of a list; nil where there is none.
  func parts(_ key: String) throws -> [GraphFileLayer]? {
    guard let node = settings[key], !node.isNull else { return nil }
    guard let list = node.elements else { throw wrong(key, "a list") }
    return try list.map { item in
      guard item.isMapping else { throw wrong(key, "a list of mappings") }
      return GraphFileLayer(name: name, type: key, settings: item)
    }
  }

  /// Settings inside a setting; nil where there are none.
  func part(_ key: String) throws -> GraphFileLayer? {
    guard let node = settings[key], !node.isNull else { return nil }
    guard node.isMapping else { throw wrong(key, "a mapping") }
    return GraphFileLayer(name: name, type: key, settings: node)
  }

  private init(name: String, type: String, settings: SpecNode) {
    self.name = name
    self.type = type
    self.settings = settings
  }

  /// A shape; `?` or null for lengths that are not known. A `?` without quotes begins a key in YAML: as
  /// the only length it is a mapping of nothing.
  func shape(_ key: String) throws -> [Int?] {
    // Of what is not understood, nothing may be known.
    guard let list = settings[key]?.elements, !list.isEmpty || type == "unknown" else {
      throw wrong(key, "a shape")
    }
    return try list.map { node in
      if node.isNull || node.text == "?" || node.pairs?.first?.key.isNull == true {
        return nil
      }
      return try Self.plausible(node.wholeNumber, key)
    }
  }

  /// Margins: one number, one for each axis, or a pair for each axis.
  func margins(_ key: String, count: Int) throws -> [Margin] {
    guard let node = settings[key] else { throw wrong(key, "margins") }
    guard let list = node.elements else {
      let margin = try Self.plausible(node.wholeNumber, key)
      return Array(repeating: Margin(margin, margin), count: count)
    }
    guard list.count == count else { throw wrong(key, "margins of \(count) axes") }
    return try list.map { item in
      if let pair = item.elements {
        guard pair.count == 2 else { throw wrong(key, "pairs of integers") }
        return Margin(
          try Self.plausible(pair[0].wholeNumber, key), try Self.plausible(pair[1].wholeNumber, key)
        )
      }
      let margin = try Self.plausible(item.wholeNumber, key)
      return Margin(margin, margin)
    }
  }

  /// Padding: `same`, `valid`, `causal`, or margins.
  func padding(count: Int) throws -> Padding {
    switch settings["padding"]?.text {
    case nil where settings["padding"] == nil: return .valid
    case "same": return .same
    case "valid": return .valid
    case "causal": return .causal
    default: return .explicit(try margins("padding", count: count))
    }
  }

  /// Texts, or one.
  static func texts(_ node: SpecNode, _ key: String) throws -> [String] {
    if let one = node.text { return [one] }
    guard let list = node.elements else {
      throw Diagnostic(.badData, "\(key) is not a list of names")
    }
    return try list.map { item in
      guard let text = item.text else {
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
