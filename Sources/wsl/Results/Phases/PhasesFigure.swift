import Foundation
import Phases
import Reports
import Support

extension PhasesResult {
  /// The map with its confidence and boundaries, and a heat map of each measure.
  var figure: GridMap {
    let loads = Set(cells.map(\.load)).sorted()
    let rows = Set(cells.map(\.temperature)).sorted()
    let colors: [Phase: String] = [
      .underfittedUndersized: "#e8a598", .underfitted: "#f3d3a2", .undersized: "#b9cfe8",
      .overfitted: "#d9c6e6", .generalising: "#b5dcb0",
    ]
    func place(_ cell: Cell) -> (Int, Int) {
      (loads.firstIndex(of: cell.load) ?? 0, rows.firstIndex(of: cell.temperature) ?? 0)
    }
    var panels = [
      GridMap.Panel(
        title: "phase, and how sure it is",
        cells: cells.map { cell in
          let (column, row) = place(cell)
          return GridMap.Cell(
            column: column, row: row, text: cell.phase?.rawValue ?? "?",
            note: cell.confidence.map { NumberFormat.percent($0, decimals: 0) } ?? "",
            color: cell.phase.flatMap { colors[$0] } ?? "#eeeeee")
        })
    ]
    let measures: [(String, (Cell) -> Double?, Bool)] = [
      ("train loss", { $0.trainLoss }, true), ("connectivity", { $0.connectivity }, false),
      ("similarity", { $0.similarity }, false),
      ("trace of the Hessian", { $0.hessianTrace }, true),
      ("top eigenvalue of the Hessian", { $0.hessianTopEigenvalue }, true),
      ("test accuracy", { $0.testAccuracy }, false),
    ]
    for (title, value, isLogarithmic) in measures {
      let known = cells.compactMap { cell in value(cell).map { (cell, $0) } }
      guard !known.isEmpty else { continue }
      func level(_ value: Double) -> Double { isLogarithmic ? log(max(value, 1e-300)) : value }
      let levels = known.map { level($0.1) }
      let (low, high) = (levels.min() ?? 0, levels.max() ?? 1)
      panels.append(
        GridMap.Panel(
          title: title,
          cells: known.map { cell, value in
            let (column, row) = place(cell)
            let share = high > low ? (level(value) - low) / (high - low) : 0.5
            return GridMap.Cell(
              column: column, row: row, text: NumberFormat.significant(value, digits: 3),
              color: Self.shade(share))
          }))
    }
    return GridMap(
      title: "Phases of the loss landscape", subtitle: thresholdText,
      columns: (load, loads.map { NumberFormat.significant($0) }),
      rows: (temperature, rows.map { NumberFormat.significant($0) }), panels: panels,
      lines: boundaries.map { line in
        // A row may be crossed several times; the line follows the first crossing.
        var seen: Set<Double> = []
        let points = line.points.filter { seen.insert($0.temperature).inserted }
        return GridMap.Line(
          name: "\(line.measure) at its threshold",
          points: points.map { point in
            GridMap.Point(
              x: Self.position(point.load, in: loads) + 0.5,
              // Below the numbers, which stand in the middle of their cells.
              y: Double(rows.firstIndex(of: point.temperature) ?? 0) + 0.89,
              low: point.interval.map { Self.position($0.low, in: loads) + 0.5 },
              high: point.interval.map { Self.position($0.high, in: loads) + 0.5 })
          })
      })
  }

  /// Where a value is among the columns: between two by its share of their distance.
  private static func position(_ value: Double, in values: [Double]) -> Double {
    guard let next = values.firstIndex(where: { $0 >= value }) else {
      return Double(values.count - 1)
    }
    guard next > 0 else { return 0 }
    let (low, high) = (values[next - 1], values[next])
    let share =
      low > 0 ? log(value / low) / log(high / low) : (value - low) / (high - low)
    return Double(next - 1) + share
  }

  /// From pale yellow to blue.
  private static func shade(_ share: Double) -> String {
    let (from, to) = ((255.0, 250.0, 220.0), (110.0, 160.0, 215.0))
    func part(_ a: Double, _ b: Double) -> String {
      let value = Int((a + (b - a) * min(1, max(0, share))).rounded())
      return (value < 16 ? "0" : "") + String(value, radix: 16)
    }
    return "#" + part(from.0, to.0) + part(from.1, to.1) + part(from.2, to.2)
  }
}
