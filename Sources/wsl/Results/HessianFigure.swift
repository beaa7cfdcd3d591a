import Foundation
import Reports
import WorkbenchCore

/// The density of the eigenvalues of a Hessian, by its logarithm, with its standard errors; a panel a
/// split.
enum HessianFigure {
  /// Densities below this share of the highest are not drawn: they are tails of the smoothing.
  private static let floor = 1e-7

  static func write(_ result: HessianResult, to path: String, overwrites: Bool) throws {
    let chart = LineChart(
      title: "Eigenvalues of the Hessian of \((result.file as NSString).lastPathComponent)",
      subtitle: "log₁₀ of their density, by stochastic Lanczos quadrature",
      panels: result.splits.compactMap(panel))
    try FigureFiles.write(chart, to: path, overwrites: overwrites)
  }

  private static func panel(_ measures: HessianResult.Measures) -> LineChart.Panel? {
    guard let density = measures.density,
      let highest = density.density.map(\.value).filter(\.isFinite).max(), highest > 0
    else { return nil }
    func line(_ name: String, _ sign: Double) -> LineChart.Series {
      let points = density.points.indices.map { index in
        let value = density.density[index].value + sign * density.errors[index].value
        return LineChart.Point(
          x: density.points[index], y: value > floor * highest ? log10(value) : .nan)
      }
      return LineChart.Series(name: name, points: points, style: .line)
    }
    return LineChart.Panel(
      title: "\(measures.split): trace \(NumberFormat.significant(measures.trace, digits: 4))",
      xLabel: "eigenvalue",
      series: [line("density", 0), line("− error", -1), line("+ error", 1)])
  }
}
