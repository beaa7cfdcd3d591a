import Connectivity
import Matching
import ModelGraph
import Networks
import WeightFiles
import WorkbenchCore

/// The work of `wsl connect`: every path between two networks, and what is measured of it.
struct PairStudy {
  /// A path that was measured on every data set.
  struct Finding {
    var a: Int
    var b: Int
    /// One a data set, in the order of the judge's parts.
    var curves: [Curve]
    /// Taylor's estimate on each data set; none for curves and for repaired networks.
    var taylor: [TaylorEstimate] = []
    var distance: PairMeasures?
    var alignment: PairMeasuring.Alignment?
    /// What the singular vectors allow the layers' outputs to differ.
    var outputBounds: [OutputBound] = []
    /// The scales of B's units, where this is the line to the scaled B.
    var scaling: ScaleSearch.Result?
  }

  let models: MatchedModels
  let judge: NetworkJudge
  let pointCount: Int
  let repair: Repair?
  let curve: (training: BezierTraining, data: Dataset)?
  let scaling: (search: ScaleSearch, data: Dataset)?
  let measuring: PairMeasuring?
  let progress: ProgressHandler?

  /// All paths between two networks: naive or matched, straight or curved, as they are and repaired.
  func findings(
    _ a: MatchedModels.Model, _ b: MatchedModels.Model, isMatched: Bool
  ) async throws -> [Finding] {
    let start = isMatched ? models.matchedWeights(a) : a.weights
    let end = isMatched ? models.matchedWeights(b) : b.weights
    let name = isMatched ? "matched" : "naive"
    var findings: [Finding] = []
    for repair in [nil, repair].prefix(repair == nil ? 1 : 2) {
      var finding = Finding(
        a: a.index, b: b.index,
        curves: try await measure(LinearPath(from: start, to: end), name, repair))
      if repair == nil {
        finding.distance = PairMeasures(start, end)
        if let measuring {
          finding.alignment = try measuring.alignment(
            a, b, groups: models.groups, isMatched: isMatched)
          finding.outputBounds = try measuring.outputBounds(
            a, b, groups: models.groups, isMatched: isMatched)
          finding.taylor = try await TaylorEstimate.measure(from: start, to: end) {
            try await judge.evaluate($0).map(\.loss)
          }
        }
      }
      findings.append(finding)
    }
    if let scaling {
      let found = try scaling.search.search(
        start, end, graph: models.graph, groups: models.groups, on: scaling.data,
        progress: progress)
      for repair in [nil, repair].prefix(repair == nil ? 1 : 2) {
        findings.append(
          Finding(
            a: a.index, b: b.index,
            curves: try await measure(
              LinearPath(from: start, to: found.weights),
              isMatched ? "matched-scaled" : "scaled", repair),
            distance: repair == nil ? PairMeasures(start, found.weights) : nil, scaling: found))
      }
    }
    if let curve {
      let path = try curve.training.train(
        BezierPath(from: start, to: end), graph: models.graph, on: curve.data,
        progress: progress)
      for repair in [nil, repair].prefix(repair == nil ? 1 : 2) {
        findings.append(
          Finding(
            a: a.index, b: b.index,
            curves: try await measure(path, isMatched ? "matched-bezier" : "bezier", repair)))
      }
    }
    return findings
  }

  private func measure(
    _ path: some WeightPath, _ name: String, _ repair: Repair?
  ) async throws -> [Curve] {
    try await path.measure(
      name, pointCount: pointCount, repair: repair, progress: progress,
      evaluate: judge.evaluate)
  }

  /// The mean of all networks, as they are and repaired: its name and its loss and accuracy on each
  /// data set.
  func means(
    isMatched: Bool
  ) async throws -> [(name: String, results: [(loss: Double, accuracy: Double)])] {
    let share = 1 / Double(models.models.count)
    let sources = models.models.map {
      (weights: isMatched ? models.matchedWeights($0) : $0.weights, share: share)
    }
    let mean = WeightedMean.mean(of: sources)
    let name = isMatched ? "matched" : "naive"
    var means = [(name: name, results: try await judge.evaluate(mean))]
    if let repair {
      means.append(
        (
          "\(name)+\(repair.method.rawValue)",
          try await judge.evaluate(repair.repaired(mean, of: sources))
        ))
    }
    return means
  }
}
