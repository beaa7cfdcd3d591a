public import LinearAlgebra
import Support

/// How alike what several networks make of the same examples is: linear CKA (Kornblith, Norouzi, Lee and
/// Hinton 2019), SVCCA (Raghu et al. 2017), and the agreement of predictions.
///
/// Each measure is of two matrices with a row an example. None changes when the columns are permuted or
/// turned, or scaled together.
public enum LayerSimilarity {
  /// The inner products of examples, centred: K = H·X·Xᵀ·H with H = 1 − 1·1ᵀ/n. Everything here is
  /// computed from it, so that the width of a layer costs one product only.
  public static func centeredGram(_ features: borrowing Matrix<Double>) -> Matrix<Double> {
    var centered = copy features
    let (rows, columns) = (features.rows, features.columns)
    for column in 0..<columns {
      var mean = 0.0
      for row in 0..<rows { mean += centered.values[row * columns + column] }
      mean /= Double(max(1, rows))
      for row in 0..<rows { centered.values[row * columns + column] -= mean }
    }
    return BLAS.gram(centered, ofRows: true)
  }

  /// The Hilbert–Schmidt independence criterion of two centred Gram matrices: Σ K∘L/(n − 1)².
  ///
  /// - Complexity: O(n²).
  public static func biasedHSIC(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
    let scale = Double(max(1, a.rows - 1))
    return dot(a.values, b.values) / (scale * scale)
  }

  /// The unbiased estimate of the same (Song et al. 2012, equation 5); it may be below 0.
  ///
  /// - Precondition: at least four examples.
  /// - Complexity: O(n²).
  public static func unbiasedHSIC(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
    let count = a.rows
    precondition(count > 3, "the estimate needs four examples")
    let n = Double(count)
    var product = 0.0
    var crossed = 0.0
    var (sumA, sumB) = (0.0, 0.0)
    for row in 0..<count {
      var (rowA, rowB) = (0.0, 0.0)
      for column in 0..<count where column != row {
        let (x, y) = (a.values[row * count + column], b.values[row * count + column])
        product += x * y
        rowA += x
        rowB += y
      }
      crossed += rowA * rowB
      sumA += rowA
      sumB += rowB
    }
    let whole = product + sumA * sumB / ((n - 1) * (n - 2)) - 2 * crossed / (n - 2)
    return whole / (n * (n - 3))
  }

  /// The mean of the canonical correlations of two layers, each reduced to the directions that hold
  /// `share` of its variance.
  ///
  /// - Parameters:
  ///   - a, b: centred Gram matrices.
  /// - Throws: `Diagnostic` where an element is not finite.
  /// - Complexity: O(n³).
  public static func meanSVCCA(
    _ a: Matrix<Double>, _ b: Matrix<Double>, share: Double = 0.99
  ) throws -> Double {
    let (left, right) = (try directions(a, share: share), try directions(b, share: share))
    guard left.columns > 0, right.columns > 0 else { return .nan }
    let crossed = BLAS.product(left, transposingLeft: true, right)
    let squares = try SymmetricEigenvectors(
      BLAS.gram(crossed, ofRows: left.columns < right.columns))
    let correlations = squares.values.map { min(1, max(0, $0)).squareRoot() }
    return correlations.reduce(0, +) / Double(correlations.count)
  }

  /// The leading eigenvectors, side by side.
  private static func directions(
    _ gram: borrowing Matrix<Double>, share: Double
  ) throws -> Matrix<Double> {
    let all = try SymmetricEigenvectors(gram)
    let total = all.values.reduce(0) { $0 + max(0, $1) }
    guard total > 0 else { return Matrix(zeros: gram.rows, 0) }
    var kept = 0
    var sum = 0.0
    for value in all.values.reversed() {
      guard sum < share * total, value > 1e-12 * total else { break }
      sum += value
      kept += 1
    }
    let last = all.values.count - 1
    return Matrix(rows: gram.rows, columns: kept) { all.vectors[$0, last - $1] }
  }
}
