/// A piece of HTML. What is written into it is escaped unless it is HTML itself, so that text from a
/// file stays text wherever it stands: between tags, and in attributes, which stand in double quotes.
public struct HTML: Sendable, Hashable {
  /// The markup.
  public private(set) var text: String

  /// Takes markup as it is: only for what this program made, such as its figures.
  init(trusted text: String) { self.text = text }

  /// A piece where something holds, else nothing.
  static func when(_ holds: Bool, _ piece: @autoclosure () -> HTML) -> HTML {
    holds ? piece() : ""
  }

  static func += (left: inout HTML, right: HTML) { left.text += right.text }
}

extension HTML: ExpressibleByStringInterpolation {
  /// Makes a piece of markup that stands in the source.
  public init(stringLiteral value: String) { text = value }

  /// Makes a piece of markup with values in it.
  public init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Gathers markup and values.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    /// Begins with nothing.
    public init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 32 * interpolationCount)
    }

    /// Adds markup.
    public mutating func appendLiteral(_ literal: String) { text += literal }

    /// Adds a piece.
    public mutating func appendInterpolation(_ html: HTML) { text += html.text }

    /// Adds pieces, one after the other.
    public mutating func appendInterpolation(_ pieces: [HTML]) {
      for piece in pieces { text += piece.text }
    }

    /// Adds text, escaped.
    public mutating func appendInterpolation(_ value: String) { text += value.escapedForHTML }

    /// Adds a number.
    public mutating func appendInterpolation(_ value: Int) { text += String(value) }
  }
}
