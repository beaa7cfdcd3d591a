import Connectivity
import ModelGraph
import Networks
import Reports
import WeightFiles
import WorkbenchCore

/// What `wsl connect` says.
struct ConnectResult: Encodable {
  struct PointRow: Encodable {
    var t: Double
    var loss: FiniteNumber
    var accuracy: FiniteNumber
  }

  struct BarrierRow: Encodable {
    var loss: FiniteNumber
    var accuracy: FiniteNumber
    var at: Double
  }

  struct CurveRow: Encodable {
    var name: String
    var points: [PointRow]
    var barrier: BarrierRow
  }

  struct RepairRow: Encodable {
    var method: String
    var examples: Int?
    var split: String?
  }

  var a: String
  var b: String
  var data: String
  var split: String
  var examples: Int
  var repair: RepairRow?
  var curves: [CurveRow]
  var warnings: [String]
}

extension ConnectResult {
  /// Gathers the curves with their barriers.
  init(
    _ pair: LoadedPair, data: String, split: String, exampleCount: Int, curves: [Curve],
    repair: Repair?
  ) {
    a = pair.fileA.catalog.file
    b = pair.fileB.catalog.file
    self.data = data
    self.split = split
    examples = exampleCount
    self.repair = repair.map(RepairRow.init)
    self.curves = curves.map(CurveRow.init)
    warnings = pair.assumptions
    if pair.graph.hasBatchNormalization, repair == nil {
      warnings.append(
        "between the ends the running statistics of batch normalisation are interpolated, not "
          + "measured again: barriers of such networks are overstated; use --repair reset")
    }
    for curve in curves where curve.points.contains(where: { !$0.loss.isFinite }) {
      warnings.append("the \(curve.name) path has losses that are not finite; they are null")
    }
  }

  /// The figure of the paths.
  var chart: LineChart {
    func series(_ value: (PointRow) -> FiniteNumber) -> [LineChart.Series] {
      curves.map { curve in
        LineChart.Series(
          name: curve.name,
          points: curve.points.map { LineChart.Point(x: $0.t, y: value($0).value) })
      }
    }
    return LineChart(
      title: "The straight line between two networks",
      subtitle: "\(examples) \(split) examples of \(data)",
      panels: [
        .init(title: "loss", xLabel: "A  →  B", series: series(\.loss)),
        .init(title: "accuracy", xLabel: "A  →  B", series: series(\.accuracy)),
      ])
  }
}

extension ConnectResult.CurveRow {
  fileprivate init(_ curve: Curve) {
    name = curve.name
    points = curve.points.map {
      ConnectResult.PointRow(
        t: $0.t, loss: FiniteNumber($0.loss), accuracy: FiniteNumber($0.accuracy))
    }
    let barrier = curve.barrier
    self.barrier = ConnectResult.BarrierRow(
      loss: FiniteNumber(barrier.loss), accuracy: FiniteNumber(barrier.accuracy), at: barrier.at)
  }
}

extension ConnectResult.RepairRow {
  fileprivate init(_ repair: Repair) {
    method = repair.method.rawValue
    if case .reset(let statistics) = repair {
      examples = statistics.exampleCount
      split = "train"
    }
  }
}
