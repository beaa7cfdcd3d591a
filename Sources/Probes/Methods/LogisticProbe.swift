import LinearAlgebra
import RealModule
import Support

/// Seven numbers of every tensor, and logistic regression: the discriminative one of the pair that Ng
/// and Jordan (2001) compare; the generative one is `NaiveBayesProbe`.
public struct LogisticProbe: ProbeMethod {
  /// The penalties that the validation models choose from, the largest first.
  private static let penalties = [100, 10, 1, 0.1, 0.01]

  /// Makes the method.
  public init() {}

  /// What it is.
  public var description: ProbeMethodDescription {
    ProbeMethodDescription(
      name: "logistic", title: "seven numbers of every tensor, by logistic regression",
      source: "Ng and Jordan, On Discriminative vs. Generative Classifiers, 2001",
      subject: .statistics, isCalibrated: true, tellsNumbers: false)
  }

  /// Fits the training models with each penalty, and takes the one of least loss on the validation
  /// models.
  public func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe {
    guard let numbers = input.numbers else { preconditionFailure("statistics are numbers") }
    try targets.requireClasses("logistic regression")
    let scaling = NumberScaling(numbers, training: training)
    let wanted = targets.shares(training)
    var isExclusive = false
    if case .classes = targets { isExclusive = true }
    var regression = try LogisticRegression(
      scaling.standardized(numbers.selectingRows(training)), wanted, isExclusive: isExclusive)
    let validated = scaling.standardized(numbers.selectingRows(validation))
    var best: (loss: Double, probe: NumberRidge)?
    for penalty in Self.penalties {
      regression.fit(penalty: penalty)
      let loss = regression.loss(validated, targets.shares(validation))
      if loss < best?.loss ?? .infinity {
        best = (
          loss,
          NumberRidge(
            means: scaling.means, factors: scaling.factors, weights: regression.weights,
            bias: regression.bias)
        )
      }
    }
    guard let best else {
      throw Diagnostic(.badData, "the numbers of the models are too large for logistic regression")
    }
    return KeptProbe.numbers(best.probe, ofMoments: false)
  }
}

extension ProbeTargets {
  /// Refuses numbers as targets.
  func requireClasses(_ method: String) throws {
    guard case .numbers = self else { return }
    throw Diagnostic(
      .usage, "\(method) tells classes and labels, and the target is a number",
      remedy: "take another kind of probe")
  }

  /// What holds of some models: a row a model, 1 where a class or label holds, else 0.
  func shares(_ models: [Int]) -> Matrix<Double> {
    switch self {
    case .classes(let classes, let count):
      Matrix(rows: models.count, columns: count) { classes[models[$0]] == $1 ? 1 : 0 }
    case .labels(let labels):
      Matrix(rows: models.count, columns: labels.columns) { Double(labels[models[$0], $1]) }
    case .numbers(let numbers):
      Matrix(rows: models.count, columns: 1) { row, _ in numbers[models[row]] }
    }
  }
}
