import Reports
import Support
import Workbench

extension ScalingRow {
  /// For a person.
  var text: String {
    "\(units) of B's units times factors from \(NumberFormat.significant(smallest.value, digits: 3)) "
      + "to \(NumberFormat.significant(largest.value, digits: 3)), which changes nothing about what "
      + "it computes (its loss by \(NumberFormat.significant(lossChange.value, digits: 2)))"
  }
}
