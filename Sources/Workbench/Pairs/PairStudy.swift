public import Connectivity
public import Matching
import ModelGraph
public import Networks
public import Support
import WeightFiles

/// The work of `wsl connect`: every path between two networks, and what is measured of it.
public struct PairStudy {
  /// A path that was measured on every data set.
  public struct Finding {
    /// The place of the network where the path begins.
    public var a: Int
    /// The place of the network where the path ends.
    public var b: Int
    /// One a data set, in the order of the judge's parts.
    public var curves: [Curve]
    /// The losses at the best temperature of each place of the path, on each data set; none where they
    /// are not asked for.
    public var tempered: [[TemperedLoss]] = []
    /// Taylor's estimate on each data set; none for curves and for repaired networks.
    public var taylor: [TaylorEstimate] = []
    /// The L2 distance and the cosine of the ends; nil for curves and repaired paths.
    public var distance: PairMeasures?
    /// The alignment of the ends' singular vectors, where it is measured.
    public var alignment: PairMeasuring.Alignment?
    /// What the singular vectors allow the layers' outputs to differ.
    public var outputBounds: [OutputBound] = []
    /// The scales of B's units, where this is the line to the scaled B.
    public var scaling: ScaleSearch.Result?
  }

  /// The networks.
  public let models: MatchedModels
  /// What tells losses and accuracies.
  public let judge: NetworkJudge
  /// How many points a path has, with both ends.
  public let pointCount: Int
  /// What every path is also measured with.
  public let repair: Repair?
  /// How curves are trained, and on which examples; nil for straight lines alone.
  public let curve: (training: BezierTraining, data: Dataset)?
  /// How the scales of B's units are searched, and on which examples; nil for as they are.
  public let scaling: (search: ScaleSearch, data: Dataset)?
  /// What compares the weights themselves; nil for the losses alone.
  public let measuring: PairMeasuring?
  /// Whether losses are measured at the best temperature, too.
  public let isTempered: Bool
  /// Told how far the work is.
  public let progress: ProgressHandler?

  /// The study of some networks; each property says what it is.
  public init(
    models: MatchedModels, judge: NetworkJudge, pointCount: Int, repair: Repair?,
    curve: (training: BezierTraining, data: Dataset)?,
    scaling: (search: ScaleSearch, data: Dataset)?, measuring: PairMeasuring?,
    isTempered: Bool = false, progress: ProgressHandler?
  ) {
    self.isTempered = isTempered
    self.models = models
    self.judge = judge
    self.pointCount = pointCount
    self.repair = repair
    self.curve = curve
    self.scaling = scaling
    self.measuring = measuring
    self.progress = progress
  }

  /// All paths between two networks: naive or matched, straight or curved, as they are and repaired.
  public func findings(
    _ a: MatchedModels.Model, _ b: MatchedModels.Model, isMatched: Bool
  ) async throws -> [Finding] {
    let start = isMatched ? models.matchedWeights(a) : a.weights
    let end = isMatched ? models.matchedWeights(b) : b.weights
    let name = isMatched ? "matched" : "naive"
    var findings: [Finding] = []
    for repair in [nil, repair].prefix(repair == nil ? 1 : 2) {
      var finding = try await measured(a, b, LinearPath(from: start, to: end), name, repair)
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
        var finding = try await measured(
          a, b, LinearPath(from: start, to: found.weights),
          isMatched ? "matched-scaled" : "scaled", repair)
        finding.distance = repair == nil ? PairMeasures(start, found.weights) : nil
        finding.scaling = found
        findings.append(finding)
      }
    }
    if let curve {
      let path = try curve.training.train(
        BezierPath(from: start, to: end), graph: models.graph, on: curve.data,
        progress: progress)
      for repair in [nil, repair].prefix(repair == nil ? 1 : 2) {
        findings.append(
          try await measured(a, b, path, isMatched ? "matched-bezier" : "bezier", repair))
      }
    }
    return findings
  }

  private func measured(
    _ a: MatchedModels.Model, _ b: MatchedModels.Model, _ path: some WeightPath, _ name: String,
    _ repair: Repair?
  ) async throws -> Finding {
    // One list a place; the finding has one a data set.
    var tempered: [[TemperedLoss]] = []
    let curves = try await path.measure(
      name, pointCount: pointCount, repair: repair, progress: progress
    ) { network in
      if isTempered { tempered.append(try await judge.temperedLosses(network)) }
      return try await judge.evaluate(network)
    }
    return Finding(
      a: a.index, b: b.index, curves: curves,
      tempered: isTempered ? curves.indices.map { part in tempered.map { $0[part] } } : [])
  }

  /// The mean of all networks, as they are and repaired: its name and its loss and accuracy on each
  /// data set.
  public func means(
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
