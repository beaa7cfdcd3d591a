import Specs

/// A value of a recipe's `parameters`: one for all tensors, a gradient over the layers, or others for
/// tensors of some names.
enum MergekitSetting: Sendable, Hashable {
  /// A number, or a truth value as 0 or 1.
  case value(Double)
  /// Values at even places from the first layer to the last, with straight lines between them; of truth
  /// values, the last one that was reached.
  case gradient([Double], isFlag: Bool)
  /// The first whose filter is part of the tensor's name; nil fits every name.
  case conditions([Condition])

  /// A value for some names.
  struct Condition: Sendable, Hashable {
    var filter: String?
    var setting: MergekitSetting
  }

  /// The value for a tensor.
  ///
  /// - Parameters:
  ///   - tensor: the tensor's name, in which filters are sought.
  ///   - place: how far from the first layer to the last, 0…1.
  /// - Returns: nil where no filter fits.
  func value(for tensor: String, at place: Double) -> Double? {
    switch self {
    case .value(let value): return value
    case .gradient(let values, let isFlag):
      let scaled = place * Double(values.count - 1)
      let first = min(values.count - 1, max(0, Int(scaled)))
      if isFlag { return values[first] }
      let share = scaled - Double(first)
      return (1 - share) * values[first] + share * values[min(values.count - 1, first + 1)]
    case .conditions(let conditions):
      return conditions.first { $0.fits(tensor) }?.setting.value(for: tensor, at: place)
    }
  }

  /// Whether the value depends on the layer's place.
  var isGradient: Bool {
    switch self {
    case .value: false
    case .gradient(let values, _): Set(values).count > 1
    case .conditions(let conditions): conditions.contains { $0.setting.isGradient }
    }
  }
}

extension MergekitSetting.Condition {
  fileprivate func fits(_ tensor: String) -> Bool { filter.map(tensor.contains) ?? true }
}

extension MergekitSetting {
  /// Reads a value.
  ///
  /// - Parameter isFlag: whether truth values are meant, or numbers.
  /// - Throws: `Diagnostic` of code `badData` with the line.
  init(_ node: SpecNode, isFlag: Bool) throws {
    guard let list = try? node.list() else {
      if (try? node.entries()) != nil {
        self = .conditions([try Condition(node, isFlag: isFlag)])
      } else {
        self = .value(try MergekitSetting.scalar(node, isFlag: isFlag))
      }
      return
    }
    guard let first = list.first else { throw node.error("an empty list sets nothing") }
    if (try? first.entries()) != nil {
      self = .conditions(try list.map { try Condition($0, isFlag: isFlag) })
    } else {
      self = .gradient(
        try list.map { try MergekitSetting.scalar($0, isFlag: isFlag) }, isFlag: isFlag)
    }
  }

  private static func scalar(_ node: SpecNode, isFlag: Bool) throws -> Double {
    if isFlag { return try node.flag() ? 1 : 0 }
    // PyYAML, which mergekit reads with, takes 1e-3 for a text, and mergekit the text for a number.
    if let text = try? node.string(), let value = Double(text), value.isFinite { return value }
    return try node.number(in: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
  }
}

extension MergekitSetting.Condition {
  fileprivate init(_ node: SpecNode, isFlag: Bool) throws {
    let members = try node.members(["value", "filter"])
    guard let value = members["value"] else { throw node.error("it has no 'value'") }
    let word = try members["filter"].map { try $0.string() }
    filter = word == "*" || word == "null" ? nil : word
    setting = try MergekitSetting(value, isFlag: isFlag)
    if case .conditions = setting { throw value.error("a filter stands within another") }
  }
}
