public import LinearAlgebra

/// What a probe says of one model.
public struct ProbeAnswer: Sendable, Hashable {
  /// The classes or labels that it calls; empty for numbers.
  public var classes: [String] = []
  /// The number that it predicts; nil for classes and labels.
  public var number: Double?
  /// The share of each class, or the probability of each label, in the order of the classes.
  public var shares: [Double] = []

  /// Reads scores.
  ///
  /// - Parameters:
  ///   - scores: the scores of one model.
  ///   - manifest: what they mean.
  public init(_ scores: [Double], _ manifest: ProbeManifest) {
    let scaled = scores.map { $0 * manifest.factor }
    switch manifest.task {
    case "regression": number = scores.first
    case "labels":
      shares = scaled.map(ScoreMath.sigmoid)
      classes = zip(manifest.classes, scores).filter { $0.1 > 0 }.map(\.0)
    default:
      shares = ScoreMath.softmax(scaled)
      classes = [manifest.classes[ScoreMath.best(scores)]]
    }
  }
}

extension ProbeFile {
  /// How good the probe is on models whose truth is known.
  ///
  /// - Parameters:
  ///   - scores: a row for each model.
  ///   - groups: the group of each model: what is drawn together for the interval.
  /// - Returns: the metric, the confusion matrix of classes, and how far shares are from the truth.
  public func judgement(
    _ scores: Matrix<Double>, _ targets: ProbeTargets, groups: [Int]
  ) -> (figure: ProbeFigure, confusion: [[Int]], calibration: Calibration?) {
    let models = Array(0..<scores.rows)
    func value(_ chosen: [Int]) -> Double {
      ProbeMetric.value(scores.selectingRows(chosen), targets, chosen)
    }
    let (low, high) = BootstrapInterval(groups: groups).bounds(seeds: 1) { items, _ in value(items)
    }
    var rows: [Int: [Double]] = [:]
    for model in models {
      let start = model * scores.columns
      rows[model] = scores.values[start..<start + scores.columns].map { $0 * manifest.factor }
    }
    let answers = ProbeAnswers(targets, scores: [rows], models: models)
    let mean = value(models)
    return (
      ProbeFigure(mean: mean, low: low, high: high, folds: [mean]), answers.confusion,
      answers.calibration
    )
  }
}
