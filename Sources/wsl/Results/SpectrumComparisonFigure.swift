import Foundation
import Reports
import Spectra

/// Two models' spectra over each other, and how far each layer moved.
enum SpectrumComparisonFigure {
  /// The paths of both figures.
  static func paths(_ path: String) -> [String] {
    [path, FigureFiles.path(path, part: "layers")]
  }

  static func write(
    _ comparison: SpectrumComparison, _ a: String, _ b: String, to path: String, overwrites: Bool
  ) throws -> [String] {
    let names = [a, b].map { ($0 as NSString).lastPathComponent }
    let title = "\(names[0]) (A) and \(names[1]) (B)"
    let panels = comparison.rows.compactMap { row in
      SpectrumFigure.tailPanel(
        row.first.layer.name, [("A", row.first), ("B", row.second)], law: nil)
    }
    let left = panels.count - SpectrumFigure.mostPanels
    let tails = LineChart(
      title: "Spectra of \(title)",
      subtitle: "share of the eigenvalues of WᵀW at and above each, both axes by log₁₀"
        + (left > 0 ? "; \(left) further layers are not drawn" : ""),
      panels: Array(panels.prefix(SpectrumFigure.mostPanels)), columns: 4)
    let rows = comparison.rows.prefix(BarChart.mostRows)
    let further = comparison.rows.count - rows.count
    let bars = BarChart(
      title: "How far layers moved: \(title)",
      subtitle: "relative to A, in the order of the network"
        + (further > 0 ? "; \(further) further layers are not drawn" : ""),
      rows: rows.map(\.first.layer.name), values: "share of the norm in A",
      series: [
        .init(name: "weights", values: rows.map { $0.weightDistance ?? .nan }),
        .init(name: "singular values", values: rows.map(\.spectralDistance)),
      ])
    let places = paths(path)
    try FigureFiles.write(tails, to: places[0], overwrites: overwrites)
    try FigureFiles.write(bars, to: places[1], overwrites: overwrites)
    return places
  }
}

extension BarChart {
  /// More rows than this are not drawn.
  static let mostRows = 80
}
