/// Words for a person, with the names of settings and actions left open: what a library calls "the limit of
/// memory" is a flag of a command line, a field of a page, a parameter of a function.
///
///     Diagnostic(.failed, "needs 3 GB", remedy: "raise \(setting: .maxMemory)")
///
/// A library states the idea. Whoever speaks to the user says once what its names are (`speak(with:)`).
public struct Wording: Sendable, Hashable {
  /// A piece of it.
  public enum Part: Sendable, Hashable {
    /// Words that name nothing.
    case text(String)
    /// A setting.
    case setting(Setting)
    /// An action, with what it is applied to and a setting of it.
    case action(Action, operand: String?, setting: Setting?, value: String?)
  }

  /// The pieces, in order.
  public var parts: [Part]

  /// Words that are known only when the program runs.
  public init(_ text: some StringProtocol) { parts = [.text(String(text))] }

  /// One after the other.
  public static func + (left: Wording, right: Wording) -> Wording {
    var both = left
    both.parts += right.parts
    return both
  }
}

extension Wording: ExpressibleByStringInterpolation {
  /// Words that name nothing.
  public init(stringLiteral value: String) { parts = [.text(value)] }

  /// Words with names in them.
  public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

  /// What a literal is made of.
  public struct StringInterpolation: StringInterpolationProtocol, Sendable {
    var parts: [Part] = []

    /// An empty one.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Words that name nothing.
    public mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { parts.append(.text(literal)) }
    }

    /// A value as text.
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      parts.append(.text(value.description))
    }

    /// Words with names in them.
    public mutating func appendInterpolation(_ words: Wording) { parts += words.parts }

    /// The name of a setting.
    public mutating func appendInterpolation(setting: Setting) { parts.append(.setting(setting)) }

    /// An action, as it is asked for: with what it is applied to, and one of its settings.
    public mutating func appendInterpolation(
      action: Action, of operand: String? = nil, with setting: Setting? = nil,
      _ value: String? = nil
    ) {
      parts.append(.action(action, operand: operand, setting: setting, value: value))
    }
  }
}
