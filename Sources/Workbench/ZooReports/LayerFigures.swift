import Reports
import ZooIndex

/// Figures of a metric, layer by layer, over the models of one architecture.
struct LayerFigures {
  /// The metric.
  let metric: String
  /// The layers or tensors, in the model's order.
  let names: [String]
  /// How many models were measured.
  let modelCount: Int
  /// For each figure, and each layer, the values of all models in order of size.
  let values: [(column: String, layers: [[Double]])]

  /// The figures that are shown of each metric.
  private static let shown = [
    ("spectrum", ["alpha", "logSpectralNorm", "stableRank"]),
    ("statistics", ["std", "kurtosis", "sparsity"]), ("norms", ["l2", "spectral"]),
  ]

  /// The figures of all metrics that were scanned.
  static func all(_ zoo: ZooIndex, structure: String) throws -> [LayerFigures] {
    let scanned = Dictionary(
      try zoo.scannedMetrics().map { ($0.name, Set($0.columns)) },
      uniquingKeysWith: { first, _ in first })
    return try shown.compactMap { metric, wanted in
      guard let columns = scanned[metric] else { return nil }
      let there = wanted.filter(columns.contains)
      guard !there.isEmpty else { return nil }
      let rows = try ZooReport.rows(
        zoo, .results(metric), ["id", "tensor"] + there, where: "structure = ?", [.text(structure)])
      guard !rows.isEmpty else { return nil }
      var places: [String: Int] = [:]
      let tensors = try ZooReport.rows(
        zoo, .tensors, ["tensor", "position"], where: "id = ?", [rows[0][0]])
      for row in tensors { places[row[0].text] = row[1].integer }
      return LayerFigures(metric, there, rows, places: places)
    }
  }

  private init(
    _ metric: String, _ columns: [String], _ rows: [[IndexValue]], places: [String: Int]
  ) {
    self.metric = metric
    var order: [String: Int] = [:]
    for row in rows where order[row[1].text] == nil {
      let name = row[1].text
      // A layer stands where its first tensor does.
      order[name] =
        places[name]
        ?? places.filter { $0.key.hasPrefix(name) || name.hasPrefix($0.key) }.map(\.value).min()
        ?? places.count
    }
    let names = order.keys.sorted { (order[$0] ?? 0, $0) < (order[$1] ?? 0, $1) }
    self.names = names
    modelCount = Set(rows.map { $0[0] }).count
    let byName = Dictionary(grouping: rows) { $0[1].text }
    values = columns.enumerated().map { place, column in
      (
        column,
        names.map { name in
          (byName[name] ?? []).compactMap { $0[place + 2].number }.filter(\.isFinite).sorted()
        }
      )
    }
  }

  /// The median over the models, and the range that holds most of them, against the layer's number.
  var chart: LineChart {
    let shares = [("median", 0.5), ("10 % of the models are below", 0.1), ("90 %", 0.9)]
    return LineChart(
      title: "\(metric), layer by layer",
      subtitle: "\(modelCount) models of the most common architecture; layers are numbered below",
      panels: values.map { column, layers in
        LineChart.Panel(
          title: column, xLabel: "layer",
          series: (modelCount > 4 ? shares : Array(shares.prefix(1))).map { name, share in
            LineChart.Series(
              name: name,
              points: layers.enumerated().map { place, values in
                LineChart.Point(
                  x: Double(place + 1),
                  y: values.isEmpty
                    ? .nan : values[Int((Double(values.count - 1) * share).rounded())])
              })
          })
      })
  }

  /// The layers with their numbers and medians.
  var table: ReportPage.Table {
    ReportPage.Table(
      columns: ["", metric == "spectrum" ? "layer" : "tensor"] + values.map(\.column),
      rows: names.enumerated().map { place, name in
        [String(place + 1), name]
          + values.map { entry in
            let layer = entry.layers[place]
            return layer.isEmpty
              ? "" : NumberFormat.significant(layer[(layer.count - 1) / 2], digits: 4)
          }
      })
  }
}
