import LinearAlgebra
import RealModule

/// Logistic regression with a quadratic penalty on the weights, by steps of a fixed curvature that is
/// nowhere less than the loss's own: each lowers the loss (Böhning 1992). The curvature is decomposed
/// once for all steps and penalties.
struct LogisticRegression {
  private static let mostSteps = 1000
  /// Steps end where the largest change of a weight is below this.
  private static let tolerance = 1e-7

  /// A row for each output, a column a number.
  private(set) var weights: Matrix<Double>
  /// What is added to each output.
  private(set) var bias: [Double]

  private let numbers: Matrix<Double>
  private let wanted: Matrix<Double>
  private let isExclusive: Bool
  private let curvature: SymmetricEigenvectors

  /// Prepares for some models.
  ///
  /// - Parameters:
  ///   - numbers: a row a model; the mean of every column is 0.
  ///   - wanted: a row a model, 1 where an output holds.
  ///   - isExclusive: whether one output holds of each model: softmax in the place of sigmoids.
  /// - Complexity: 9·p³ for p numbers.
  init(_ numbers: Matrix<Double>, _ wanted: Matrix<Double>, isExclusive: Bool) throws {
    self.numbers = numbers
    self.wanted = wanted
    self.isExclusive = isExclusive
    curvature = try SymmetricEigenvectors(BLAS.gram(numbers, ofRows: false))
    weights = Matrix(zeros: wanted.columns, numbers.columns)
    bias = Array(repeating: 0, count: wanted.columns)
  }

  /// Fits with a penalty, from where it stands.
  mutating func fit(penalty: Double) {
    // The second derivatives are at most ½ for softmax, ¼ for a sigmoid.
    let most = isExclusive ? 0.5 : 0.25
    let divisors = curvature.values.map { 1 / (most * max(0, $0) + penalty) }
    for _ in 0..<Self.mostSteps {
      let shares = shares(numbers)
      let errors = Matrix<Double>(rows: wanted.rows, columns: wanted.columns) {
        wanted[$0, $1] - shares[$0, $1]
      }
      let slopes = BLAS.product(errors, transposingLeft: true, numbers)
      let along = BLAS.product(
        Matrix<Double>(rows: slopes.rows, columns: slopes.columns) {
          slopes[$0, $1] - penalty * weights[$0, $1]
        }, curvature.vectors)
      let step = BLAS.product(
        Matrix<Double>(rows: along.rows, columns: along.columns) {
          along[$0, $1] * divisors[$1]
        }, curvature.vectors, transposingRight: true)
      var largest = 0.0
      for output in 0..<weights.rows {
        for column in 0..<weights.columns {
          weights[output, column] += step[output, column]
          largest = max(largest, abs(step[output, column]))
        }
        let sum = (0..<errors.rows).reduce(0.0) { $0 + errors[$1, output] }
        let change = sum / (most * Double(max(1, errors.rows)))
        bias[output] += change
        largest = max(largest, abs(change))
      }
      if largest < Self.tolerance { break }
    }
  }

  /// The shares that the weights give, a row a model.
  func shares(_ numbers: Matrix<Double>) -> Matrix<Double> {
    let scores = BLAS.product(numbers, weights, transposingRight: true)
    var result = scores
    for row in 0..<scores.rows {
      let own = (0..<scores.columns).map { scores[row, $0] + bias[$0] }
      let shares = isExclusive ? ScoreMath.softmax(own) : own.map(ScoreMath.sigmoid)
      for (column, share) in shares.enumerated() { result[row, column] = share }
    }
    return result
  }

  /// The mean cross-entropy of models.
  func loss(_ numbers: Matrix<Double>, _ wanted: Matrix<Double>) -> Double {
    let shares = shares(numbers)
    var sum = 0.0
    for row in 0..<shares.rows {
      for column in 0..<shares.columns {
        let (share, truth) = (shares[row, column], wanted[row, column])
        if truth > 0 { sum -= truth * Double.log(max(share, 1e-300)) }
        if !isExclusive, truth < 1 { sum -= (1 - truth) * Double.log(max(1 - share, 1e-300)) }
      }
    }
    return sum / Double(max(1, shares.rows))
  }
}
