public import Connectivity
import Networks
import Support
public import ZooIndex

/// How well the trainings of a cell are connected, pair by pair: along a trained Bézier curve, and along
/// the straight line before and after their units are lined up.
///
/// The connectivity is `½(err(0) + err(1)) − err(t*)` of errors as shares of the examples, t* the one of the
/// places 0, ¼, ½, ¾ and 1 whose error is farthest from the mean of the ends' (Yang et al. 2021; Garipov et
/// al. 2018): below 0 there is a barrier, above 0 the ends are trained badly. Statistics of batch
/// normalisation are measured anew at every place. Each pair is one model's, so that the mean over the
/// models of a cell of three or five trainings is the mean over its pairs.
public struct ConnectivityMetric: ComparingMetric, PairMetric {
  /// The places of a curve that are measured, as in the zoo of Schürholt et al. 2025.
  private static let curvePoints = 5
  /// Those of a straight line.
  private static let linePoints = 11

  /// Which trainings are paired.
  public let cells: ZooCells
  private let examples: HessianMetric.Examples
  private let curve: BezierTraining

  /// Makes the metric.
  public init(_ cells: ZooCells, examples: HessianMetric.Examples, curve: BezierTraining) {
    self.cells = cells
    self.examples = examples
    self.curve = curve
  }

  /// Its settings name the data and how curves are trained.
  public var description: MetricDescription {
    MetricDescription(
      name: "connectivity",
      settings: "1 \(examples.summary) \(curve.epochs) \(curve.batchSize) \(curve.learningRate) "
        + "\(curve.momentum) \(curve.weightDecay) \(curve.seed)",
      columns: [
        "mc", "testMc", "naiveBarrier", "matchedBarrier", "naiveErrorBarrier",
        "matchedErrorBarrier",
      ])
  }

  /// Measures a model's pairs; a row a pair.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is alone in its cell, or a network cannot be run or
  ///   trained.
  public func measure(
    _ model: ScannedModel, id: Int64, beside companions: [ScannedModel]
  ) throws -> MetricResult {
    try cells.requireOthers(of: id)
    guard !companions.isEmpty else { return MetricResult(rows: []) }
    let member = try CellMember(model, beside: companions)
    let meter = try PathMeter(member.graph, on: examples)
    let rows = try zip(member.others, self.companions(of: id)).map { other, partner in
      let start = BezierPath(from: member.weights, to: other.weightsB)
      let bent: BezierPath
      do {
        bent = try curve.train(start, graph: member.graph, on: examples.training)
      } catch let error as Diagnostic where error.code == .failed || error.code == .usage {
        // It would come to the same another time: kept as this model's reason.
        throw Diagnostic(.badData, error.message, at: error.location, remedy: error.remedy)
      }
      let along = try meter.curves(bent, name: "bezier", points: Self.curvePoints)
      let naive = try meter.curves(
        LinearPath(from: member.weights, to: other.weightsB), name: "naive",
        points: Self.linePoints
      ).training
      let matched = try meter.curves(
        LinearPath(from: member.weights, to: member.matched(other)), name: "matched",
        points: Self.linePoints
      ).training
      return MetricResult.Row(
        name: cells.file(of: partner),
        values: [
          along.training.errorBarriers.modeConnectivity, along.test.errorBarriers.modeConnectivity,
          naive.lossBarriers.overLine, matched.lossBarriers.overLine, naive.errorBarriers.overLine,
          matched.errorBarriers.overLine,
        ].map { IndexValue.finite($0) })
    }
    return MetricResult(rows: rows, summary: rows.means(description.columns))
  }
}
