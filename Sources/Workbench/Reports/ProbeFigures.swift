import Foundation
import Reports
import Support

/// The pictures and tables of what `probe train` found, from its JSON.
struct ProbeFigures {
  private let result: JSONValue
  private let title: String

  /// Takes the result of a training; nil where it is something else.
  init?(_ result: JSONValue, file: String) {
    guard result["baselines"]?.array != nil, result["confusion"]?.array != nil,
      let target = result["target"]?.string, let kind = result["kind"]?.string
    else { return nil }
    self.result = result
    let isRouted = result["perTree"] == .bool(true)
    let name = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
    title = "\(name): \(target) by \(isRouted ? kind + " for each tree" : kind)"
  }

  /// Adds everything to a page.
  func add(to page: inout ReportPage) {
    page.addHeading(title)
    let metric = result["test"]?["metric"]?.string ?? ""
    page.addParagraph(
      "\(result["models"]?.integer ?? 0) models in \(result["groups"]?.integer ?? 0) groups; the layer "
        + "\(result["layer"]?.string ?? "is none"). Test models took no part in training or in any choice; "
        + "intervals are of 95 %. A guess without weights reaches "
        + "\(number(result["chance"])).")
    page.add(methods(metric))
    if let sweep = sweep(metric) { page.add(sweep) }
    if let curve = curve(metric) { page.add(curve) }
    if let confusion { page.add(confusion) }
    if let reliability { page.add(reliability) }
    if let plane { page.add(plane) }
  }

  private func number(_ value: JSONValue?, _ decimals: Int = 3) -> String {
    value?.number.map { NumberFormat.fixed($0, decimals: decimals) } ?? ""
  }

  private func interval(_ figure: JSONValue?) -> [String] {
    [number(figure?["mean"]), "\(number(figure?["low"])) – \(number(figure?["high"]))"]
  }

  private func methods(_ metric: String) -> ReportPage.Table {
    var rows: [[String]] = []
    func add(_ kind: String, _ parameters: JSONValue?, _ figure: JSONValue?) {
      rows.append([kind, parameters?.integer.map(String.init) ?? ""] + interval(figure))
    }
    let own = result["kind"]?.string ?? ""
    add(
      result["perTree"] == .bool(true) ? own + "-per-tree" : own, result["parameters"],
      result["test"])
    for other in result["baselines"]?.array ?? [] {
      add(other["kind"]?.string ?? "", other["parameters"], other["test"])
    }
    return ReportPage.Table(
      columns: ["kind", "parameters", "\(metric) on test", "95 %"], rows: rows)
  }

  /// The validation of every layer, with its interval.
  private func sweep(_ metric: String) -> LineChart? {
    let layers = result["layers"]?.array ?? []
    guard layers.count > 1 else { return nil }
    func series(_ name: String, _ key: String, _ style: LineChart.Style) -> LineChart.Series {
      LineChart.Series(
        name: name,
        points: layers.enumerated().map { place, layer in
          LineChart.Point(
            x: Double(place + 1), y: layer["validation"]?[key]?.number ?? .nan)
        }, style: style)
    }
    let names = layers.enumerated().map { "\($0 + 1) \($1["layer"]?.string ?? "")" }
    return LineChart(
      title: "Layers", subtitle: names.joined(separator: " · "),
      panels: [
        LineChart.Panel(
          title: "\(metric) on validation", xLabel: "layer",
          series: [
            series("mean", "mean", .lineAndDots), series("95 %, low", "low", .line),
            series("95 %, high", "high", .line),
          ])
      ])
  }

  private func curve(_ metric: String) -> LineChart? {
    let points = result["learningCurve"]?.array ?? []
    guard !points.isEmpty else { return nil }
    var kinds: [String] = []
    for point in points {
      if let kind = point["kind"]?.string, !kinds.contains(kind) { kinds.append(kind) }
    }
    func series(_ kind: String, _ name: String, _ key: String, _ style: LineChart.Style)
      -> LineChart.Series
    {
      LineChart.Series(
        name: name,
        points: points.filter { $0["kind"]?.string == kind }.map {
          LineChart.Point(
            x: $0["models"]?.number ?? .nan, y: $0["test"]?[key]?.number ?? .nan)
        }, style: style)
    }
    let bounds =
      kinds.count == 1
      ? kinds.flatMap { kind in
        [series(kind, "95 %, low", "low", .line), series(kind, "95 %, high", "high", .line)]
      } : []
    return LineChart(
      title: "Learning curve", subtitle: "the same test models for all sizes",
      panels: [
        LineChart.Panel(
          title: "\(metric) on test", xLabel: "models learned from",
          series: kinds.map { series($0, $0, "mean", .lineAndDots) } + bounds, isLogarithmic: true)
      ])
  }

  /// How often a model of the row's class was called the column's.
  private var confusion: GridMap? {
    let rows = result["confusion"]?.array?.compactMap { $0.array?.compactMap(\.integer) } ?? []
    let classes = result["classes"]?.array?.compactMap(\.string) ?? []
    let labels = result["task"]?.string == "labels"
    guard !rows.isEmpty, rows.count <= 30, rows.allSatisfy({ !$0.isEmpty }) else { return nil }
    let columns =
      labels && rows[0].count != classes.count
      ? rows[0].indices.map(String.init) : classes
    guard rows.count == classes.count, columns.count == rows[0].count else { return nil }
    let cells = rows.enumerated().flatMap { row, counts in
      let sum = max(1, counts.reduce(0, +))
      return counts.enumerated().map { column, count in
        GridMap.Cell(
          column: column, row: row, text: String(count),
          color: Self.shade(Double(count) / Double(sum)))
      }
    }
    return GridMap(
      title: "Confusion", subtitle: "test models of all folds and seeds",
      columns: (title: "said", values: columns), rows: (title: "true", values: classes),
      panels: [GridMap.Panel(title: "", cells: cells)], lines: [])
  }

  /// From white to the blue of figures.
  private static func shade(_ share: Double) -> String {
    func part(_ full: Int) -> String {
      let value = 255 - Int((Double(255 - full) * 0.8 * min(1, max(0, share))).rounded())
      return String(0x100 + value, radix: 16).suffix(2).description
    }
    return "#" + part(0x00) + part(0x72) + part(0xb2)
  }

  private var reliability: LineChart? {
    let bins = (result["calibration"]?["bins"]?.array ?? []).filter {
      ($0["count"]?.integer ?? 0) > 0
    }
    guard !bins.isEmpty else { return nil }
    let points = bins.map {
      LineChart.Point(x: $0["confidence"]?.number ?? .nan, y: $0["accuracy"]?.number ?? .nan)
    }
    return LineChart(
      title: "Reliability",
      subtitle: "calibration error \(number(result["calibration"]?["error"]))",
      panels: [
        LineChart.Panel(
          title: "share that is right", xLabel: "share that is said",
          series: [
            LineChart.Series(name: "probe", points: points),
            LineChart.Series(
              name: "exact", points: [.init(x: 0, y: 0), .init(x: 1, y: 1)], style: .line),
          ])
      ])
  }

  /// Models in the two directions in which the layer differs most, by tree and by what they are.
  private var plane: LineChart? {
    guard let plane = result["plane"], let models = plane["models"]?.array, !models.isEmpty else {
      return nil
    }
    func panel(_ title: String, _ key: String) -> LineChart.Panel? {
      let groups = Dictionary(grouping: models) { $0[key]?.string ?? "" }
      guard groups.count > 1, groups.count <= 12 else { return nil }
      return LineChart.Panel(
        title: title, xLabel: "first direction",
        series: groups.sorted { $0.key < $1.key }.map { name, members in
          LineChart.Series(
            name: (name as NSString).lastPathComponent,
            points: members.map {
              LineChart.Point(x: $0["x"]?.number ?? .nan, y: $0["y"]?.number ?? .nan)
            }, style: .dots)
        })
    }
    let panels = [panel("by tree", "tree"), panel("by target", "target")].compactMap { $0 }
    guard !panels.isEmpty else { return nil }
    let shares = plane["shares"]?.array?.compactMap(\.number) ?? []
    return LineChart(
      title: "Models in two dimensions",
      subtitle: "principal components of \(result["layer"]?.string ?? "the layer"), "
        + shares.map { NumberFormat.percent($0) }.joined(separator: " and ") + " of the variance",
      panels: panels)
  }
}
