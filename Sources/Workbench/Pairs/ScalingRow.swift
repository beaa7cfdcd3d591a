package import Connectivity
package import Support

/// How B's units were scaled.
package struct ScalingRow: Codable {
  /// How many factors there are; a channel before batch normalisation has one of its own.
  package var units: Int
  package var smallest: FiniteNumber
  package var largest: FiniteNumber
  /// By how much B's loss on training examples changed: rounding.
  package var lossChange: FiniteNumber

  /// Of what a search found.
  package init(_ found: ScaleSearch.Result) {
    let factors = found.scales.factors.joined()
    units = factors.count
    smallest = FiniteNumber(factors.min() ?? .nan)
    largest = FiniteNumber(factors.max() ?? .nan)
    lossChange = FiniteNumber(found.lossChange)
  }
}
