public import LinearAlgebra

/// What a probe is to say of each model.
public enum ProbeTargets: Sendable, Hashable {
  /// One of several classes, by its number.
  case classes([Int], count: Int)
  /// Which of several labels hold: a row a model, a column a label, 1 or 0.
  case labels(Matrix<Float>)
  /// A number.
  case numbers([Double])

  /// The number of models.
  public var count: Int {
    switch self {
    case .classes(let classes, _): classes.count
    case .labels(let labels): labels.rows
    case .numbers(let numbers): numbers.count
    }
  }

  /// The number of scores a model gets.
  public var outputCount: Int {
    switch self {
    case .classes(_, let count): count
    case .labels(let labels): labels.columns
    case .numbers: 1
    }
  }

  /// The targets of some of the models, in a given order.
  public func selecting(_ models: [Int]) -> ProbeTargets {
    switch self {
    case .classes(let classes, let count): .classes(models.map { classes[$0] }, count: count)
    case .labels(let labels):
      .labels(
        Matrix(rows: models.count, columns: labels.columns) { labels[models[$0], $1] })
    case .numbers(let numbers): .numbers(models.map { numbers[$0] })
    }
  }
}

/// The loss of scores and its gradient: cross-entropy for classes, binary cross-entropy for labels
/// (the mean over all of them), the mean square for numbers; the mean over the models of a batch.
enum ProbeLoss {
  /// The loss of the scores of some models.
  ///
  /// - Parameters:
  ///   - scores: a row for each model of `batch`.
  ///   - batch: which of the targets they belong to.
  static func evaluate<Scalar: BLASScalar>(
    _ scores: Matrix<Scalar>, _ targets: ProbeTargets, _ batch: [Int]
  ) -> (loss: Double, gradient: Matrix<Scalar>) {
    var gradient = Matrix<Scalar>(zeros: scores.rows, scores.columns)
    var loss = 0.0
    for (row, model) in batch.enumerated() {
      let start = row * scores.columns
      let own = scores.values[start..<start + scores.columns].map(Double.init)
      switch targets {
      case .classes(let classes, _):
        let shares = ScoreMath.softmax(own)
        loss -= ScoreMath.logSoftmax(own)[classes[model]] / Double(batch.count)
        for column in own.indices {
          let wanted = column == classes[model] ? 1.0 : 0
          gradient.values[start + column] = Scalar((shares[column] - wanted) / Double(batch.count))
        }
      case .labels(let labels):
        let share = 1 / Double(batch.count * scores.columns)
        for column in own.indices {
          let (score, wanted) = (own[column], Double(labels[model, column]))
          loss += (ScoreMath.softplus(score) - wanted * score) * share
          gradient.values[start + column] = Scalar((ScoreMath.sigmoid(score) - wanted) * share)
        }
      case .numbers(let numbers):
        let offset = own[0] - numbers[model]
        loss += offset * offset / Double(batch.count)
        gradient.values[start] = Scalar(2 * offset / Double(batch.count))
      }
    }
    return (loss, gradient)
  }
}
