import LinearAlgebra
import Support

/// A linear classifier of features, by least squares on one column a class: what a layer's outputs tell of
/// classes without any further training (Alain and Bengio 2016).
///
/// Features are brought to mean 0 and deviation 1 first; the penalty is a thousandth of an example's share, so
/// that the answer is the same for any order of the examples. Only sums over examples are held.
struct LinearProbe {
  /// How many features it takes: its memory is the square of it.
  static let widest = 4096
  private static let penalty = 1e-3

  private let width: Int
  private let classCount: Int
  private var count = 0
  private var products: Matrix<Double>
  private var targets: Matrix<Double>
  private var sums: [Double]
  private var shares: [Double]

  /// Begins without examples.
  init(width: Int, classCount: Int) {
    precondition((1...Self.widest).contains(width) && classCount > 0)
    (self.width, self.classCount) = (width, classCount)
    products = Matrix(zeros: width, width)
    targets = Matrix(zeros: width, classCount)
    sums = Array(repeating: 0, count: width)
    shares = Array(repeating: 0, count: classCount)
  }

  /// Takes examples.
  ///
  /// - Parameters:
  ///   - features: a row an example.
  ///   - labels: their classes.
  /// - Complexity: O(examples·width²).
  mutating func add(_ features: Matrix<Double>, labels: ArraySlice<Int32>) {
    precondition(features.columns == width && features.rows == labels.count)
    let own = BLAS.gram(features)
    for index in own.values.indices { products.values[index] += own.values[index] }
    for (row, label) in labels.enumerated() {
      shares[Int(label)] += 1
      for column in 0..<width {
        let value = features.values[row * width + column]
        sums[column] += value
        targets.values[column * classCount + Int(label)] += value
      }
    }
    count += features.rows
  }

  /// The classifier of the examples so far.
  struct Fitted {
    fileprivate var means: [Double]
    fileprivate var weights: Matrix<Double>
    fileprivate var bias: [Double]

    /// What it makes of examples: a row an example, a column a class, about 1 for its own.
    func scores(_ features: Matrix<Double>) -> Matrix<Double> {
      let centered = Matrix<Double>(rows: features.rows, columns: features.columns) {
        features[$0, $1] - means[$1]
      }
      var scores = BLAS.product(centered, weights)
      for row in 0..<scores.rows {
        for column in bias.indices { scores[row, column] += bias[column] }
      }
      return scores
    }

    /// How many of some examples it gets right.
    func correct(_ features: Matrix<Double>, labels: ArraySlice<Int32>) -> Int {
      let scores = scores(features)
      return labels.enumerated().count { row, label in
        (0..<scores.columns).max { scores[row, $0] < scores[row, $1] } == Int(label)
      }
    }
  }

  /// Solves for the classifier.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a feature is not finite.
  /// - Complexity: O(width³).
  func fitted() throws -> Fitted {
    let n = Double(max(1, count))
    let means = sums.map { $0 / n }
    let bias = shares.map { $0 / n }
    // Features that do not vary have no part: what is left of them is rounding.
    let factors = (0..<width).map { column -> Double in
      let square = products[column, column] / n
      let variance = square - means[column] * means[column]
      return variance > 1e-12 * square ? 1 / variance.squareRoot() : 0
    }
    let covariance = Matrix<Double>(rows: width, columns: width) {
      (products[$0, $1] / n - means[$0] * means[$1]) * factors[$0] * factors[$1]
    }
    let crossed = Matrix<Double>(rows: width, columns: classCount) {
      (targets[$0, $1] / n - means[$0] * bias[$1]) * factors[$0]
    }
    guard covariance.values.allSatisfy(\.isFinite) else {
      throw Diagnostic(.badData, "a layer's output is not finite")
    }
    let spectrum = try SymmetricEigenvectors(covariance)
    var along = BLAS.product(spectrum.vectors, transposingLeft: true, crossed)
    for row in 0..<width {
      let divisor = max(0, spectrum.values[row]) + Self.penalty
      for column in 0..<classCount { along[row, column] /= divisor }
    }
    var weights = BLAS.product(spectrum.vectors, along)
    for row in 0..<width {
      for column in 0..<classCount { weights[row, column] *= factors[row] }
    }
    return Fitted(means: means, weights: weights, bias: bias)
  }
}
