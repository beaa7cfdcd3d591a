import LinearAlgebra

/// A 95 % interval.
public struct Interval: Sendable, Hashable, Encodable {
  /// The lower bound.
  public var low: Double
  /// The upper bound.
  public var high: Double

  /// The interval that holds 95 % of some values; nil of fewer than 10.
  init?(_ values: [Double]) {
    let sorted = values.filter(\.isFinite).sorted()
    guard sorted.count >= 10 else { return nil }
    (low, high) = (
      sorted.sortedQuantile(0.025) ?? .nan, sorted.sortedQuantile(0.975) ?? .nan
    )
  }
}
