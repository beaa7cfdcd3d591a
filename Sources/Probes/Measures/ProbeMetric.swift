public import LinearAlgebra

/// How good scores are, in the one number that a task is judged by; larger is better.
public enum ProbeMetric {
  /// The name of the number: `accuracy` for classes, `labelAccuracy` (the share of all labels that are
  /// right) for several labels, `r2` for numbers.
  public static func name(of targets: ProbeTargets) -> String {
    switch targets {
    case .classes: "accuracy"
    case .labels: "labelAccuracy"
    case .numbers: "r2"
    }
  }

  /// The number itself.
  ///
  /// - Parameters:
  ///   - scores: a row for each model of `models`.
  ///   - models: which of the targets they belong to. A model may come several times.
  /// - Returns: NaN where there are no models, or numbers that are all the same.
  public static func value(
    _ scores: Matrix<Double>, _ targets: ProbeTargets, _ models: [Int]
  ) -> Double {
    guard !models.isEmpty else { return .nan }
    if case .numbers(let numbers) = targets {
      return r2(models.indices.map { scores[$0, 0] }, models.map { numbers[$0] })
    }
    let right = models.indices.reduce(0.0) {
      $0
        + rightShare(
          Array(scores.values[$1 * scores.columns..<($1 + 1) * scores.columns]),
          targets, models[$1])
    }
    return right / Double(models.count)
  }

  /// The share of what is said of one model that is right: 1 or 0 for classes.
  static func rightShare(_ scores: [Double], _ targets: ProbeTargets, _ model: Int) -> Double {
    switch targets {
    case .classes(let classes, _): ScoreMath.best(scores) == classes[model] ? 1 : 0
    case .labels(let labels):
      scores.indices.reduce(0.0) {
        $0 + ((scores[$1] > 0) == (labels[model, $1] > 0.5) ? 1 : 0)
      } / Double(max(1, scores.count))
    case .numbers: .nan
    }
  }

  /// 1 − the sum of squared errors over that of the distances from the mean.
  static func r2(_ predictions: [Double], _ numbers: [Double]) -> Double {
    let mean = numbers.mean ?? .nan
    let total = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let errors = zip(predictions, numbers).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return total > 0 ? 1 - errors / total : .nan
  }

  /// What a guess without any weights reaches: the share of the largest class; the mean over labels of
  /// the larger share; 0 for numbers.
  public static func chance(_ targets: ProbeTargets, _ models: [Int]) -> Double {
    guard !models.isEmpty else { return .nan }
    switch targets {
    case .classes(let classes, let count):
      var counts = Array(repeating: 0, count: count)
      for model in models { counts[classes[model]] += 1 }
      return Double(counts.max() ?? 0) / Double(models.count)
    case .labels(let labels):
      let shares = (0..<labels.columns).map { column in
        models.reduce(0.0) { $0 + Double(labels[$1, column]) } / Double(models.count)
      }
      return shares.reduce(0) { $0 + max($1, 1 - $1) } / Double(max(1, shares.count))
    case .numbers: return 0
    }
  }
}
