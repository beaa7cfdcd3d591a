import Foundation
import Reports
import Spectra

/// The density of every layer's eigenvalues on logarithmic axes, with the law of its tail and the edge
/// of its noise.
enum SpectrumFigure {
  /// More panels than this are not drawn.
  static let mostPanels = 40

  /// The paths of all figures whose first picture is at a path.
  static func paths(_ path: String) -> [String] {
    [path] + parts.map { FigureFiles.path(path, part: $0) }
  }

  /// Writes all of them.
  ///
  /// - Returns: the pictures' paths.
  static func write(
    _ model: ModelSpectrum, of file: String, to path: String, overwrites: Bool
  ) throws -> [String] {
    try figures(model, of: file).map { part, figure in
      let path = part.map { FigureFiles.path(path, part: $0) } ?? path
      try FigureFiles.write(figure, to: path, overwrites: overwrites)
      return path
    }
  }

  /// The density of each layer's eigenvalues.
  static func densities(_ model: ModelSpectrum, _ name: String) -> LineChart {
    let panels = model.layers.compactMap(panel).prefix(mostPanels)
    let left = model.layers.count - panels.count
    return LineChart(
      title: "Spectra of \(name)",
      subtitle: "density of the eigenvalues of WᵀW, both axes by log₁₀"
        + (left > 0 ? "; \(left) further layers are not drawn" : ""),
      panels: Array(panels), columns: 4)
  }

  private static func panel(_ spectrum: LayerSpectrum) -> LineChart.Panel? {
    let largest = spectrum.largest
    let values = spectrum.eigenvalues.filter { $0 > 1e-9 * largest }.map { log10($0) }
    guard values.count >= 4, let low = values.first, let high = values.last, high > low else {
      return nil
    }
    let bins = min(40, max(8, values.count / 6))
    let width = (high - low) / Double(bins)
    var counts = Array(repeating: 0, count: bins)
    for value in values { counts[min(bins - 1, Int((value - low) / width))] += 1 }
    var density: [LineChart.Point] = []
    for (bin, count) in counts.enumerated() where count > 0 {
      let (left, right) = (low + Double(bin) * width, low + Double(bin + 1) * width)
      let share = Double(count) / Double(values.count) / (pow(10, right) - pow(10, left))
      density.append(.init(x: (left + right) / 2, y: log10(share)))
    }
    var series = [LineChart.Series(name: "eigenvalues", points: density)]
    var title = spectrum.layer.name
    if let law = spectrum.powerLaw {
      title += "  α = \(NumberFormat.significant(law.alpha, digits: 3))"
      let share = Double(law.tailCount) / Double(values.count)
      let height = log10(share * (law.alpha - 1) / law.threshold)
      let start = log10(law.threshold)
      series.append(
        .init(
          name: "power law",
          points: [
            .init(x: start, y: height),
            .init(x: high, y: height - law.alpha * (high - start)),
          ]))
    }
    if let edge = spectrum.noise.map({ log10($0.upperEdge) }), edge > low, edge < high,
      let top = density.map(\.y).max(), let bottom = density.map(\.y).min()
    {
      series.append(
        .init(name: "edge of noise", points: [.init(x: edge, y: bottom), .init(x: edge, y: top)]))
    }
    return LineChart.Panel(title: title, xLabel: "log₁₀ λ", series: series)
  }
}
