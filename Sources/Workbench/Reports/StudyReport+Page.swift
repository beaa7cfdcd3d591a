import Foundation
public import Reports
import Support

extension StudyReport {
  private static let columns = [
    "family", "width", "path", "split", "pairs", "barrier", "lowest – highest", "L2", "change",
    "R(0.3)", "R(0.3) with middle", "barrier at ½", "Taylor at ½", "accuracy in the middle",
  ]

  /// Whether any path was measured at the best temperatures, too.
  private var isTempered: Bool { rows.contains { $0.tempered != nil } }

  private var columns: [String] {
    Self.columns + (isTempered ? ["barrier at the best temperature"] : [])
  }

  private func cells(_ row: WidthRow) -> [String] {
    func number(_ value: FiniteNumber, _ decimals: Int) -> String {
      value.value.isNaN ? "" : NumberFormat.fixed(value.value, decimals: decimals)
    }
    return [
      row.family, String(row.width), row.path, row.split, String(row.pairs),
      number(row.barrier, 4), "\(number(row.lowest, 4)) – \(number(row.highest, 4))",
      number(row.l2, 2),
      row.l2Change.value.isNaN ? "" : NumberFormat.percent(row.l2Change.value),
      number(row.alignment, 3), number(row.middleAlignment, 3), number(row.atMiddle, 4),
      number(row.taylor, 4),
      row.middleAccuracy.value.isNaN ? "" : NumberFormat.percent(row.middleAccuracy.value),
    ] + (isTempered ? [number(row.tempered, 4)] : [])
  }

  /// The means for a terminal.
  public var text: String {
    guard !rows.isEmpty else {
      return probes.isEmpty ? "no paths" : "probes: \(probes.count)"
    }
    var table = TextTable(
      columns.map { ["family", "path", "split"].contains($0) ? .text($0) : .number($0) })
    for row in widthRows { table.add(cells(row)) }
    return table.text
  }

  /// Adds everything to a page.
  public func add(to page: inout ReportPage) {
    if !rows.isEmpty {
      page.addParagraph(
        "\(Set(rows.map { "\($0.a)|\($0.b)" }).count) pairs of networks. The barrier is the "
          + "largest excess of the loss, in nats, over the straight line between the ends' losses; "
          + "R(0.3) says how well the singular vectors above 0.3 of the largest value line up.")
      for chart in barrierCharts { page.add(chart) }
      page.addHeading("Means over pairs")
      page.add(ReportPage.Table(columns: columns, rows: widthRows.map(cells)))
      page.addHeading("Paths")
      for chart in pathCharts { page.add(chart) }
    }
    for probe in probes { probe.add(to: &page) }
    for other in others {
      page.addHeading((other.file as NSString).lastPathComponent)
      page.add(ReportPage.Table(columns: ["", ""], rows: other.text))
    }
  }

  /// Barrier, alignment and distance against width, for every family of several widths.
  private var barrierCharts: [LineChart] {
    let all = widthRows
    let kinds = Set(all.map { "\($0.family)|\($0.split)" }).sorted()
    return kinds.compactMap { kind in
      let rows = all.filter { "\($0.family)|\($0.split)" == kind }
      guard Set(rows.map(\.width)).count > 1, let first = rows.first else { return nil }
      var names: [String] = []
      for row in rows where !names.contains(row.path) { names.append(row.path) }
      func panel(_ title: String, _ value: (WidthRow) -> FiniteNumber) -> LineChart.Panel {
        LineChart.Panel(
          title: title, xLabel: "width",
          series: names.compactMap { name in
            let points = rows.filter { $0.path == name && value($0).value.isFinite }
              .map { LineChart.Point(x: Double($0.width), y: value($0).value) }
            return points.isEmpty ? nil : LineChart.Series(name: name, points: points)
          }, isLogarithmic: true)
      }
      return LineChart(
        title: "\(first.family): barrier against width",
        subtitle: "\(first.split) examples, mean over pairs",
        panels: [
          panel("barrier in the loss", \.barrier), panel("R(0.3) of A and B", \.alignment),
          panel("L2 distance", \.l2),
        ])
    }
  }

  /// The paths of each pair on each split.
  private var pathCharts: [LineChart] {
    var order: [String] = []
    var groups: [String: [Row]] = [:]
    for row in rows {
      let key = "\(row.a)|\(row.b)|\(row.split)"
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(row)
    }
    return order.compactMap { key in
      guard let rows = groups[key], let first = rows.first else { return nil }
      func panel(_ title: String, _ value: @escaping (Row) -> [Double]) -> LineChart.Panel {
        LineChart.Panel(
          title: title, xLabel: "A  →  B",
          series: rows.map { row in
            LineChart.Series(
              name: row.name,
              points: zip(row.points, value(row)).map { LineChart.Point(x: $0.t, y: $1) })
          })
      }
      func file(_ path: String) -> String { (path as NSString).lastPathComponent }
      return LineChart(
        title: "\(file(first.a))  →  \(file(first.b))", subtitle: "\(first.split) examples",
        panels: [
          panel("loss") { $0.points.map(\.loss) }, panel("accuracy") { $0.points.map(\.accuracy) },
        ])
    }
  }
}
