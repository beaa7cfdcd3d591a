import Reports
import ZooIndex

/// The results of a metric of some models, layer by layer.
struct LayerCurves {
  /// The metric's name.
  let metric: String
  /// The columns that are drawn.
  let columns: [String]
  /// For each model its rows: the tensor or layer, then the columns.
  let models: [(name: String, rows: [[IndexValue]])]

  /// What is drawn of the metrics that there are; of others the first columns.
  private static let preferred = [
    "spectrum": ["alpha", "logSpectralNorm", "stableRank"],
    "statistics": ["std", "kurtosis", "sparsity"], "norms": ["l2", "spectral"],
  ]

  /// Gathers the rows of some models.
  init(_ metric: MetricDescription, of models: [ServedModel], in index: ServedIndex) throws {
    self.metric = metric.name
    let wanted = (Self.preferred[metric.name] ?? []).filter(metric.columns.contains)
    let columns = wanted.isEmpty ? Array(metric.columns.prefix(3)) : wanted
    self.columns = columns
    self.models = try models.prefix(LearningCurves.limit).map {
      model -> (name: String, rows: [[IndexValue]]) in
      let rows = try model.results(metric.name, columns, in: index)
      // Biases between the matrices would make every line a saw.
      let shapes = try index.rows(
        ["tensor", "shape"], of: .tensors, where: "id = ?", [model.id])
      let matrices = Set(shapes.filter { $0[1].text.contains(",") }.map { $0[0].text })
      let vectors = Set(shapes.map { $0[0].text }).subtracting(matrices)
      let kept = rows.filter { !vectors.contains($0[0].text) }
      return (model.name, kept.isEmpty ? rows : kept)
    }
  }

  /// A panel a column; nil where there is nothing to draw.
  var chart: LineChart? {
    let panels = columns.enumerated().compactMap { place, column -> LineChart.Panel? in
      let series = models.compactMap { name, rows -> LineChart.Series? in
        let points = rows.enumerated().compactMap { number, row -> LineChart.Point? in
          guard let value = row[place + 1].number, value.isFinite else { return nil }
          return LineChart.Point(x: Double(number + 1), y: value)
        }
        return points.isEmpty ? nil : LineChart.Series(name: name, points: points)
      }
      return series.isEmpty
        ? nil : LineChart.Panel(title: column, xLabel: "layer", series: series)
    }
    guard !panels.isEmpty else { return nil }
    return LineChart(
      title: "\(metric), layer by layer",
      subtitle:
        "in the model's order, without vectors; the vertical axes show the range of the values",
      panels: panels, columns: 3)
  }
}
