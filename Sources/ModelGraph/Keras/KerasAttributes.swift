import Support

/// The settings of one layer in a Keras configuration, under the names of any version.
struct KerasAttributes {
  var values: [String: JSONValue]

  /// The first of the names that is there and not null.
  subscript(names: String...) -> JSONValue? { first(names) }

  /// The integer of the first name that is there.
  ///
  /// - Throws: `Diagnostic` where it is missing, no integer, or out of all proportion.
  func length(_ names: String...) throws -> Int {
    guard let value = first(names) else { throw Self.missing(names) }
    return try Self.length(value, names)
  }

  /// One length for each of `count` axes: a list, or one number for all.
  func lengths(_ names: String..., count: Int, default fallback: Int? = nil) throws -> [Int] {
    guard let value = first(names) else {
      guard let fallback else { throw Self.missing(names) }
      return Array(repeating: fallback, count: count)
    }
    if let list = value.array {
      let result = try list.map { try Self.length($0, names) }
      if result.count == count { return result }
      if result.count == 1, let one = result.first { return Array(repeating: one, count: count) }
      throw Diagnostic(.badData, "\(names[0]) has \(result.count) values, not \(count)")
    }
    return Array(repeating: try Self.length(value, names), count: count)
  }

  /// The margins of padding or cropping layers: one number, one a side for each axis, or both.
  func margins(_ names: String..., count: Int) throws -> [Margin] {
    guard let value = first(names) else { throw Self.missing(names) }
    if value.number != nil {
      let margin = try Self.margin(value, names)
      return Array(repeating: Margin(margin, margin), count: count)
    }
    guard let list = value.array else { throw Self.missing(names) }
    // One axis: [before, after].
    if count == 1, list.count == 2, list[0].number != nil {
      return [Margin(try Self.margin(list[0], names), try Self.margin(list[1], names))]
    }
    guard list.count == count else {
      throw Diagnostic(.badData, "\(names[0]) has \(list.count) values, not \(count)")
    }
    return try list.map { item in
      if let pair = item.array {
        guard pair.count == 2 else { throw Self.missing(names) }
        return Margin(try Self.margin(pair[0], names), try Self.margin(pair[1], names))
      }
      let margin = try Self.margin(item, names)
      return Margin(margin, margin)
    }
  }

  /// The number of the first name that is there.
  func number(_ names: String..., default fallback: Double) -> Double {
    first(names)?.number ?? fallback
  }

  /// The truth value of the first name that is there.
  func flag(_ names: String..., default fallback: Bool) -> Bool {
    guard let value = first(names) else { return fallback }
    return value.bool ?? value.number.map { $0 != 0 } ?? fallback
  }

  /// The text of the first name that is there.
  func text(_ names: String...) -> String? { first(names)?.string }

  /// How the layer's weights are quantised, `int8`; nil where they are not.
  var quantization: String? {
    if let policy = first(["dtype"]) {
      // A policy of its own: {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", …}}.
      if let type = policy["class_name"]?.string, type.contains("DTypePolicy"),
        type != "DTypePolicy", type != "FloatDTypePolicy"
      {
        return policy["config"]?["mode"]?.string ?? type
      }
      let name = policy["config"]?["name"]?.string ?? policy.string
      if let name, name.contains("_from_") { return name }
    }
    guard let config = first(["quantization_config"]) else { return nil }
    return config["config"]?["mode"]?.string ?? config["class_name"]?.string
      ?? "in a way of its own"
  }

  private func first(_ names: [String]) -> JSONValue? {
    for name in names {
      if let value = values[name], value != .null { return value }
    }
    return nil
  }

  private static func length(_ value: JSONValue, _ names: [String]) throws -> Int {
    guard let length = value.integer, length >= 1, length <= CheckedShape.longestAxis else {
      throw Diagnostic(.badData, "\(names[0]) is not a positive length")
    }
    return length
  }

  private static func margin(_ value: JSONValue, _ names: [String]) throws -> Int {
    guard let length = value.integer, length >= 0, length <= CheckedShape.longestAxis else {
      throw Diagnostic(.badData, "\(names[0]) is not a margin")
    }
    return length
  }

  private static func missing(_ names: [String]) -> Diagnostic {
    Diagnostic(.badData, "the configuration does not say \(names[0])")
  }

  /// A shape with its batch axis, without it; nil where the value is no shape.
  static func exampleShape(_ value: JSONValue?) -> [Int?]? {
    guard let list = value?.array, !list.isEmpty, list.count <= CheckedShape.mostAxes + 1 else {
      return nil
    }
    let lengths: [Int?] = list.dropFirst().map(\.integer)
    for (item, length) in zip(list.dropFirst(), lengths) where item != .null {
      guard let length, length >= 1, length <= CheckedShape.longestAxis else { return nil }
    }
    return lengths
  }
}
