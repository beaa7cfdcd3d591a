import LinearAlgebra
import Reports

extension ZooReport {
  /// The most dots of a figure: more make the page heavy, and show no more.
  private static let dotLimit = 800

  /// How the figures that say how well models do are distributed; nil where none are known.
  var distributions: LineChart? {
    let words = ["acc", "loss", "ggap"]
    let measures = labels.filter { column in
      words.contains { column.name.lowercased().contains($0) }
        && Set(column.numbers).count > 2
        && column.numbers.count == column.values.count
    }
    func rank(_ name: String) -> Int {
      Self.accuracies.firstIndex(of: name) ?? (name.contains("acc") ? 10 : 20)
    }
    let chosen =
      measures.sorted { (rank($0.name), $0.name) < (rank($1.name), $1.name) }.prefix(3)
      + measured.filter {
        ["spectrum_alpha", "norms_l2"].contains($0.name) && $0.numbers.count > 2
      }
    guard !chosen.isEmpty else { return nil }
    return LineChart(
      title: "How the models are distributed", subtitle: "models in each range of values",
      panels: chosen.map { column in
        LineChart.Panel(
          title: column.name, xLabel: column.name,
          series: [Histogram(column.numbers).series(name: "models")])
      }, columns: 3)
  }

  /// How well models do against what a scan found in their weights alone; nil where one is not known.
  var quality: LineChart? {
    guard let accuracy, !pairs.isEmpty else { return nil }
    return LineChart(
      title: "\(accuracy.name) and what the weights tell",
      subtitle: "a dot a model\(isThinned ? ", \(Self.dotLimit) of them" : ""); "
        + "ρ is Spearman's rank correlation over all",
      panels: pairs.map { name, points in
        let correlation = RankCorrelation.spearman(points.map(\.x), points.map(\.y))
        let shown = stride(from: 0, to: points.count, by: max(1, points.count / Self.dotLimit))
          .map { points[$0] }
        return LineChart.Panel(
          title: "\(name), ρ = \(NumberFormat.fixed(correlation, decimals: 2))", xLabel: name,
          series: [LineChart.Series(name: accuracy.name, points: shown, style: .dots)])
      })
  }

  private var isThinned: Bool { pairs.contains { $0.points.count > Self.dotLimit } }
}
