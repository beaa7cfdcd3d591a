import Support

/// What the expressions of a family file may speak of.
struct FamilyScope {
  /// The sizes and indices by name.
  var variables: [String: FamilyValue] = [:]
  /// What the user states: `heads`.
  var stated: [String: FamilyValue] = [:]
  /// The tensors of the file.
  let tensors: FamilyTensorNames
  /// The model's configuration; nil where there is none.
  let configuration: JSONValue?

  /// What the configuration says under a path of keys: `text_config.hidden_size`.
  func configured(_ path: String) -> FamilyValue {
    if path == "all" { return .flag(configuration != nil) }
    var value = configuration
    for key in path.split(separator: ".") {
      if let index = Int(key), value?.array != nil {
        value = value?[index]
      } else {
        value = value?[String(key)]
      }
    }
    return FamilyValue(value)
  }

  /// A text with `{…}` replaced by the values of what stands inside.
  func filled(_ text: String) throws -> String {
    guard text.contains("{") else { return text }
    var result = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      result += rest[..<open]
      guard let close = rest[open...].firstIndex(of: "}") else {
        throw Diagnostic(.badData, "'\(text)' has no closing brace")
      }
      let inner = String(rest[rest.index(after: open)..<close])
      result += try FamilyExpressionParser.parse(inner).value(in: self).written
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  /// The value of an expression.
  func value(_ expression: String) throws -> FamilyValue {
    try FamilyExpressionParser.parse(expression).value(in: self)
  }
}
