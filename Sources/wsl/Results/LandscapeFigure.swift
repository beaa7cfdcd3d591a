import Foundation
import Reports
import Support

/// A section as a picture: a line of losses, or contours with the networks on them.
enum LandscapeFigure {
  static func write(_ result: LandscapeResult, to path: String, overwrites: Bool) throws {
    let panel = result.directions == 1 ? line(result) : contours(result)
    let chart = LineChart(
      title: "Loss around \((result.file as NSString).lastPathComponent)",
      subtitle: "\(result.kind) section, \(result.examples) \(result.split) examples",
      panels: [panel])
    try FigureFiles.write(chart, to: path, overwrites: overwrites)
  }

  private static func line(_ result: LandscapeResult) -> LineChart.Panel {
    let points = zip(result.xs, result.loss[0]).map { LineChart.Point(x: $0, y: $1.value) }
    return LineChart.Panel(
      title: "loss", xLabel: "lengths of the filters",
      series: [LineChart.Series(name: "loss", points: points, style: .line)])
  }

  /// How many levels are drawn: with the networks as many series as the chart has colours.
  private static let mostLevels = 6

  /// A series a level; what is not finite between the pieces interrupts the line.
  private static func contours(_ result: LandscapeResult) -> LineChart.Panel {
    let levels = result.contours.filter { !$0.segments.isEmpty }
    let drawn =
      levels.count <= mostLevels
      ? levels : (0..<mostLevels).map { levels[$0 * (levels.count - 1) / (mostLevels - 1)] }
    var series = drawn.map { contour in
      LineChart.Series(
        name: NumberFormat.significant(contour.level, digits: 3),
        points: contour.segments.flatMap { segment in
          segment.map { LineChart.Point(x: $0[0], y: $0[1]) }
            + [LineChart.Point(x: .nan, y: .nan)]
        }, style: .line)
    }
    series.append(
      LineChart.Series(
        name: "networks", points: result.points.map { LineChart.Point(x: $0.x, y: $0.y) },
        style: result.kind == "trajectory" ? .lineAndDots : .dots))
    return LineChart.Panel(title: "contours of the loss", xLabel: "first axis", series: series)
  }
}
