import Foundation
import Reports
import Support

extension DiffResult {
  /// A bar a tensor: how far it is apart, relative to A.
  var chart: BarChart {
    // Of many tensors those that moved most, in the models' order.
    let most = tensors.indices.sorted {
      (tensors[$0].relative.value, $1) > (tensors[$1].relative.value, $0)
    }.prefix(BarChart.mostRows).sorted()
    let shown = most.map { tensors[$0] }
    let names = [a, b].map { ($0 as NSString).lastPathComponent }
    let left = tensors.count - shown.count
    return BarChart(
      title: "\(names[0]) (A) and \(names[1]) (B), tensor by tensor",
      subtitle: "distance relative to A, and the share of elements that differ"
        + (left > 0 ? "; \(left) tensors that moved less are not drawn" : ""),
      rows: shown.map(\.name), values: "share",
      series: [
        .init(name: "relative distance", values: shown.map(\.relative.value)),
        .init(name: "elements changed", values: shown.map(\.fractionChanged.value)),
      ])
  }
}
