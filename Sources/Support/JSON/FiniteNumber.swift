/// A number in a JSON result. JSON has no infinities and no NaN: they are written as `null`.
public struct FiniteNumber: Sendable, Hashable, Codable {
  /// The number itself, finite or not.
  public var value: Double

  /// Wraps a number.
  public init(_ value: Double) { self.value = value }

  /// The number; nil where it is not finite.
  public var finite: Double? { value.isFinite ? value : nil }

  /// Writes the number, or `null` when it is not finite.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
  }

  /// Reads the number, or what is not finite from `null`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    value = container.decodeNil() ? .nan : try container.decode(Double.self)
  }
}
