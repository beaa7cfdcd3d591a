public import LinearAlgebra

/// Ridge regression on a few numbers of each model, brought to mean 0 and deviation 1 by the models it
/// learns from. Numbers that are the same in all of them have no part.
public struct NumberRidge: Sendable, Hashable {
  /// The mean of each number.
  public let means: [Double]
  /// What each number is multiplied by once its mean is taken.
  public let factors: [Double]
  /// A row for each output, a column a number.
  public let weights: Matrix<Double>
  /// What is added to each output.
  public let bias: [Double]

  /// Makes a map of what it consists of.
  public init(means: [Double], factors: [Double], weights: Matrix<Double>, bias: [Double]) {
    self.means = means
    self.factors = factors
    self.weights = weights
    self.bias = bias
  }

  /// Learns from some models.
  init(_ numbers: Matrix<Double>, training: [Int], targets: ProbeTargets) throws {
    let scaling = NumberScaling(numbers, training: training)
    (means, factors) = (scaling.means, scaling.factors)
    let standard = scaling.standardized(numbers.selectingRows(training))
    let ridge = try KernelRidge(
      BLAS.gram(standard, ofRows: true), wanted: targets.wanted(training))
    weights = BLAS.product(ridge.dual, transposingLeft: true, standard)
    bias = ridge.bias
  }

  /// The outputs of models, a row for each.
  func scores(_ numbers: Matrix<Double>) -> Matrix<Double> {
    var result = BLAS.product(
      NumberScaling(means: means, factors: factors).standardized(numbers), weights,
      transposingRight: true)
    for row in 0..<result.rows {
      for column in 0..<result.columns { result[row, column] += bias[column] }
    }
    return result
  }
}

/// Seven numbers of each tensor, and ridge regression.
public struct StatisticsProbe: ProbeMethod {
  /// Makes the method.
  public init() {}

  /// What it is.
  public var description: ProbeMethodDescription {
    ProbeMethodDescription(
      name: "statistics", title: "seven numbers of every tensor, by ridge regression",
      source: "Unterthiner et al., Predicting Neural Network Accuracy from Weights, 2020",
      subject: .statistics)
  }

  /// Solves for the training models.
  public func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe {
    guard let numbers = input.numbers else { preconditionFailure("statistics are numbers") }
    return KeptProbe.numbers(
      try NumberRidge(numbers, training: training, targets: targets), ofMoments: false)
  }
}

/// Moments of a layer's rows, which do not depend on the order of its units, and ridge regression.
public struct MomentsProbe: ProbeMethod {
  /// Makes the method.
  public init() {}

  /// What it is.
  public var description: ProbeMethodDescription {
    ProbeMethodDescription(
      name: "moments", title: "moments of a layer's rows, by ridge regression",
      source: "",
      subject: .layer)
  }

  /// Computes the moments.
  public func prepare(_ input: ProbeInput, jobs: Int?) throws {
    _ = try input.moments(jobs: jobs)
  }

  /// Solves for the training models.
  public func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe {
    KeptProbe.numbers(
      try NumberRidge(input.moments(jobs: jobs), training: training, targets: targets),
      ofMoments: true)
  }
}
