import CLAPACK
import Support

/// The orthogonal matrix nearest to a square one: U·Vᵀ of its singular vectors, without these.
///
/// By the scaled Newton iteration X ← (μ·X + (μ·X)⁻ᵀ)/2 with Higham's factors of the 1- and ∞-norms
/// (Higham 1986, section 3), which takes some nine inversions in place of a singular value decomposition,
/// and a last step of Newton and Schulz, which needs no inversion and leaves XᵀX = I to rounding. Where the
/// matrix is close to singular the factor comes from singular vectors.
public struct PolarFactor: Sendable {
  /// The orthogonal factor.
  public let rotation: Matrix<Double>
  /// The sum of the singular values, which is ⟨rotation, matrix⟩.
  public let gain: Double

  /// Beyond this condition an inverse has too few digits.
  private static let mostCondition = 1e9
  private static let mostSteps = 40

  /// Finds the factor of a square matrix.
  ///
  /// - Throws: `Diagnostic`: `badData` where an element is not finite, `failed` where neither way
  ///   converges.
  /// - Complexity: about 20·n³ operations, nearly all of them in products of blocks.
  public init(_ matrix: Matrix<Double>) throws {
    precondition(matrix.rows == matrix.columns, "a polar factor is that of a square matrix")
    guard matrix.values.allSatisfy(\.isFinite) else {
      throw Diagnostic(.badData, "a matrix to decompose must be finite")
    }
    if let found = Self.newton(matrix) {
      rotation = found
    } else {
      let parts = try SingularValueDecomposition(matrix)
      rotation = BLAS.product(parts.left, parts.right, transposingRight: true)
    }
    gain = zip(rotation.values, matrix.values).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func newton(_ matrix: Matrix<Double>) -> Matrix<Double>? {
    let count = matrix.rows
    var factor = matrix
    for _ in 0..<mostSteps {
      guard let inverse = inverse(factor) else { return nil }
      let (own, other) = (norms(factor), norms(inverse))
      guard own.one * other.one < mostCondition else { return nil }
      let scale = ((other.one * other.infinity) / (own.one * own.infinity)).squareRoot()
        .squareRoot()
      guard scale.isFinite, scale > 0 else { return nil }
      var change = 0.0
      var size = 0.0
      for row in 0..<count {
        for column in 0..<count {
          let index = row * count + column
          let next =
            0.5 * (scale * factor.values[index] + inverse.values[column * count + row] / scale)
          change += (next - factor.values[index]) * (next - factor.values[index])
          size += next * next
          factor.values[index] = next
        }
      }
      // The steps converge quadratically: after this one, and one more, nothing is left.
      if change <= 1e-12 * size { return polished(factor) }
    }
    return nil
  }

  /// X·(3·I − XᵀX)/2.
  private static func polished(_ factor: Matrix<Double>) -> Matrix<Double> {
    var middle = BLAS.product(factor, transposingLeft: true, factor)
    for index in middle.values.indices { middle.values[index] *= -0.5 }
    for index in 0..<middle.rows { middle.values[index * middle.rows + index] += 1.5 }
    return BLAS.product(factor, middle)
  }

  private static func inverse(_ matrix: Matrix<Double>) -> Matrix<Double>? {
    BLAS.useOneThread()
    var values = matrix.values
    let size = Int32(matrix.rows)
    var pivots = Array(repeating: Int32(0), count: matrix.rows)
    guard LAPACKE_dgetrf(LAPACK_COL_MAJOR, size, size, &values, size, &pivots) == 0,
      LAPACKE_dgetri(LAPACK_COL_MAJOR, size, &values, size, pivots) == 0
    else { return nil }
    return Matrix(rows: matrix.rows, columns: matrix.rows, values: values)
  }

  /// The largest sums of sizes in a column and in a row.
  private static func norms(_ matrix: Matrix<Double>) -> (one: Double, infinity: Double) {
    var columns = Array(repeating: 0.0, count: matrix.columns)
    var infinity = 0.0
    for row in 0..<matrix.rows {
      var sum = 0.0
      for column in 0..<matrix.columns {
        let size = abs(matrix.values[row * matrix.columns + column])
        columns[column] += size
        sum += size
      }
      infinity = max(infinity, sum)
    }
    return (columns.max() ?? 0, infinity)
  }
}
