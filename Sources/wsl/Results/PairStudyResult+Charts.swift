import Foundation
import Reports
import Support
import Workbench

extension PairStudyResult {
  /// The figure of the paths.
  var chart: LineChart {
    func series(_ value: (PointRow) -> FiniteNumber) -> [LineChart.Series] {
      curves.map { curve in
        LineChart.Series(
          name: label(curve),
          points: curve.points.map { LineChart.Point(x: $0.t, y: value($0).value) })
      }
    }
    let count = examples.map { "\($0) " } ?? ""
    return LineChart(
      title: models.count == 2
        ? "The path between two networks" : "Paths between \(models.count) networks",
      subtitle: "\(count)\(split == "both" ? "test and all train" : split) examples of \(data)",
      panels: [
        .init(title: "loss", xLabel: "A  →  B", series: series(\.loss)),
        .init(title: "accuracy", xLabel: "A  →  B", series: series(\.accuracy)),
      ])
  }

  /// The figure of R over γ; nil where it was not measured.
  var alignmentChart: LineChart? {
    let measured = curves.filter { $0.alignment != nil && $0.split == curves.first?.split }
    guard !measured.isEmpty else { return nil }
    func series(_ value: (AlignmentRow) -> [FiniteNumber]) -> [LineChart.Series] {
      measured.compactMap { curve in
        curve.alignment.map { row in
          LineChart.Series(
            name: label(curve),
            points: zip(row.gammas, value(row)).map { LineChart.Point(x: $0, y: $1.value) })
        }
      }
    }
    return LineChart(
      title: "R: how well singular vectors line up",
      subtitle: "over the vectors whose singular value is at least γ times the layer's largest",
      panels: [
        .init(title: "A with B", xLabel: "γ", series: series(\.ends)),
        .init(title: "A with the middle", xLabel: "γ", series: series(\.aMiddle)),
      ])
  }

  /// The figure of the singular values of the first pair; nil where they were not measured.
  var spectraChart: LineChart? {
    let rows = singularValues.filter { $0.a == a && $0.b == b }
    guard !rows.isEmpty else { return nil }
    let shown = 4
    let part = rows.count > shown ? "the first \(shown) of \(rows.count) kernels; " : ""
    return LineChart(
      title: "Singular values",
      subtitle: part + "permutations do not change them; ‖s − s′‖ / ‖s‖ beside each kernel's name",
      panels: rows.prefix(shown).map { row in
        LineChart.Panel(
          title: "\(row.tensor)  \(NumberFormat.percent(row.difference.value))",
          xLabel: "number of the value",
          series: zip(["A", "B"], row.values).map { name, values in
            LineChart.Series(
              name: name,
              points: values.enumerated().map { LineChart.Point(x: Double($0 + 1), y: $1.value) })
          }, isLogarithmic: true)
      })
  }

  /// What a curve is called beside others: its name, and what it is of where there are several.
  func label(_ curve: CurveRow) -> String {
    var parts = [curve.name]
    if split == "both" { parts.append(curve.split) }
    if models.count > 2, let first = models.firstIndex(of: curve.a),
      let second = models.firstIndex(of: curve.b)
    {
      parts.append("\(first + 1)–\(second + 1)")
    }
    return parts.joined(separator: " ")
  }
}
