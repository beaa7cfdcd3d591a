import LinearAlgebra

/// Brings numbers to mean 0 and deviation 1 by the models that are learned from. Numbers that are the
/// same in all of them become 0.
struct NumberScaling {
  /// The mean of each number.
  let means: [Double]
  /// What each number is multiplied by once its mean is taken.
  let factors: [Double]

  /// Measures some models.
  init(_ numbers: Matrix<Double>, training: [Int]) {
    let count = Double(max(1, training.count))
    var means = [Double](repeating: 0, count: numbers.columns)
    var factors = means
    for column in 0..<numbers.columns {
      let own = training.map { numbers[$0, column] }
      let mean = own.reduce(0, +) / count
      let spread = (own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
      means[column] = mean
      // Rounding is no spread.
      factors[column] = spread > 1e-12 * abs(mean) && spread > 0 ? 1 / spread : 0
    }
    self.means = means
    self.factors = factors
  }

  /// The scaling that was measured before.
  init(means: [Double], factors: [Double]) {
    self.means = means
    self.factors = factors
  }

  /// Scales a row for each model.
  func standardized(_ numbers: Matrix<Double>) -> Matrix<Double> {
    Matrix(rows: numbers.rows, columns: numbers.columns) {
      (numbers[$0, $1] - means[$1]) * factors[$1]
    }
  }
}
