import Connectivity
import Reports
import Support

/// How B's units were scaled.
struct ScalingRow: Encodable {
  /// How many factors there are; a channel before batch normalisation has one of its own.
  var units: Int
  var smallest: FiniteNumber
  var largest: FiniteNumber
  /// By how much B's loss on training examples changed: rounding.
  var lossChange: FiniteNumber

  init(_ found: ScaleSearch.Result) {
    let factors = found.scales.factors.joined()
    units = factors.count
    smallest = FiniteNumber(factors.min() ?? .nan)
    largest = FiniteNumber(factors.max() ?? .nan)
    lossChange = FiniteNumber(found.lossChange)
  }

  /// For a person.
  var text: String {
    "\(units) of B's units times factors from \(NumberFormat.significant(smallest.value, digits: 3)) "
      + "to \(NumberFormat.significant(largest.value, digits: 3)), which changes nothing about what "
      + "it computes (its loss by \(NumberFormat.significant(lossChange.value, digits: 2)))"
  }
}
