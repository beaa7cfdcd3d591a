import LinearAlgebra
import RealModule
import Support

/// Seven numbers of every tensor, and gradient-boosted trees, as the published predictions of accuracy
/// from statistics use them.
public struct BoostedProbe: ProbeMethod {
  private static let mostRounds = 300
  private static let patience = 20
  private static let shrinkage = 0.1
  private static let depth = 3
  private static let leastCount = 5

  /// Makes the method.
  public init() {}

  /// What it is.
  public var description: ProbeMethodDescription {
    ProbeMethodDescription(
      name: "boosted", title: "seven numbers of every tensor, by gradient-boosted trees",
      source: "Friedman, Greedy Function Approximation, 2001; Unterthiner et al. 2020",
      subject: .statistics, isKept: false, isCalibrated: true)
  }

  /// Adds trees as long as the validation models gain by them.
  public func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe {
    guard let numbers = input.numbers else { preconditionFailure("statistics are numbers") }
    let own = numbers.selectingRows(training)
    let other = numbers.selectingRows(validation)
    let order = RegressionTree.Order(own)
    let (wanted, expected) = (targets.shares(training), targets.shares(validation))
    let loss = BoostingLoss(targets)
    let start = loss.start(wanted)
    var scores = Matrix<Double>(rows: training.count, columns: start.count) { start[$1] }
    var validated = Matrix<Double>(rows: validation.count, columns: start.count) { start[$1] }
    var rounds: [[RegressionTree]] = []
    var best = (loss: loss.value(validated, expected), rounds: 0)
    for round in 1...Self.mostRounds {
      let (residuals, curvatures) = loss.slopes(scores, wanted)
      let trees = (0..<start.count).map { output in
        RegressionTree(
          order, residuals[output], curvatures[output], depth: Self.depth,
          leastCount: Self.leastCount)
      }
      for (output, tree) in trees.enumerated() {
        for row in 0..<scores.rows {
          scores[row, output] += Self.shrinkage * tree.value(own, row: row)
        }
        for row in 0..<validated.rows {
          validated[row, output] += Self.shrinkage * tree.value(other, row: row)
        }
      }
      rounds.append(trees)
      let value = loss.value(validated, expected)
      if value < best.loss { best = (value, round) }
      if round - best.rounds >= Self.patience { break }
    }
    return Fitted(start: start, rounds: Array(rounds.prefix(best.rounds)))
  }

  private struct Fitted: FittedProbe {
    let start: [Double]
    let rounds: [[RegressionTree]]

    var parameterCount: Int {
      start.count + rounds.joined().reduce(0) { $0 + $1.nodes.count }
    }

    func scores(of models: [Int], in input: ProbeInput, jobs: Int?) throws -> Matrix<Double> {
      guard let numbers = input.numbers else { preconditionFailure("statistics are numbers") }
      return Matrix(rows: models.count, columns: start.count) { row, output in
        rounds.reduce(start[output]) {
          $0 + BoostedProbe.shrinkage * $1[output].value(numbers, row: models[row])
        }
      }
    }

    func kept(from input: ProbeInput, jobs: Int?) throws -> KeptProbe? { nil }
  }
}

/// What boosting lowers: cross-entropy for classes and labels, the mean square for numbers.
struct BoostingLoss {
  private enum Kind { case softmax, sigmoid, square }
  private let kind: Kind

  init(_ targets: ProbeTargets) {
    switch targets {
    case .classes: kind = .softmax
    case .labels: kind = .sigmoid
    case .numbers: kind = .square
    }
  }

  /// The scores of all models before the first tree.
  func start(_ wanted: Matrix<Double>) -> [Double] {
    let count = Double(max(1, wanted.rows))
    return (0..<wanted.columns).map { column in
      let mean = (0..<wanted.rows).reduce(0.0) { $0 + wanted[$1, column] } / count
      let share = min(max(mean, 0.5 / count), 1 - 0.5 / count)
      switch kind {
      case .softmax: return Double.log(share)
      case .sigmoid: return Double.log(share / (1 - share))
      case .square: return mean
      }
    }
  }

  private func shares(_ scores: [Double]) -> [Double] {
    switch kind {
    case .softmax: ScoreMath.softmax(scores)
    case .sigmoid: scores.map(ScoreMath.sigmoid)
    case .square: scores
    }
  }

  private func row(_ matrix: Matrix<Double>, _ row: Int) -> [Double] {
    (0..<matrix.columns).map { matrix[row, $0] }
  }

  /// The negative slopes and the curvatures, for each output a number a model.
  func slopes(
    _ scores: Matrix<Double>, _ wanted: Matrix<Double>
  ) -> (residuals: [[Double]], curvatures: [[Double]]) {
    var residuals = Array(
      repeating: [Double](repeating: 0, count: scores.rows), count: scores.columns)
    var curvatures = residuals
    for model in 0..<scores.rows {
      for (output, share) in shares(row(scores, model)).enumerated() {
        residuals[output][model] = wanted[model, output] - share
        curvatures[output][model] = kind == .square ? 1 : max(share * (1 - share), 1e-6)
      }
    }
    return (residuals, curvatures)
  }

  /// The mean loss of models.
  func value(_ scores: Matrix<Double>, _ wanted: Matrix<Double>) -> Double {
    var sum = 0.0
    for model in 0..<scores.rows {
      for (output, share) in shares(row(scores, model)).enumerated() {
        let truth = wanted[model, output]
        switch kind {
        case .square: sum += (truth - share) * (truth - share)
        case .softmax: sum -= truth * Double.log(max(share, 1e-300))
        case .sigmoid:
          sum -=
            truth * Double.log(max(share, 1e-300))
            + (1 - truth) * Double.log(max(1 - share, 1e-300))
        }
      }
    }
    return sum / Double(max(1, scores.rows))
  }
}
