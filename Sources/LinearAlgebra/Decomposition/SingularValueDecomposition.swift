import CLAPACK
import Support

/// A matrix as the product of its singular vectors and values: `a = left · diag(values) · rightᵀ`.
///
/// The thin form: k = min(m, n) values, m×k left and n×k right vectors, in columns. In Float64, by
/// LAPACK's divide and conquer (`dgesdd`), and by the slower QR iteration (`dgesvd`) in the rare case
/// that this does not converge.
public struct SingularValueDecomposition: Sendable {
  /// The singular values, falling.
  public let values: [Double]
  /// The left singular vectors, m×k.
  public let left: Matrix<Double>
  /// The right singular vectors, n×k.
  public let right: Matrix<Double>

  /// Decomposes a matrix.
  ///
  /// - Throws: `Diagnostic`: `badData` where an element is not finite, `failed` where neither method
  ///   converges.
  /// - Complexity: about 20·m·n·k operations, and memory for three copies of the matrix.
  public init<Scalar: BLASScalar>(_ matrix: borrowing Matrix<Scalar>) throws {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let count = min(rows, columns)
    guard count > 0 else {
      values = []
      left = Matrix(zeros: rows, 0)
      right = Matrix(zeros: columns, 0)
      return
    }
    let elements = matrix.values.map { Double($0) }
    guard elements.allSatisfy(\.isFinite) else {
      throw Diagnostic(.badData, "a matrix to decompose must be finite")
    }
    BLAS.useOneThread()
    // LAPACK reads our rows as columns: it sees the transpose, whose left vectors are our right
    // ones, and what it calls a row of vᵀ is a row of our left vectors.
    let (n, m, k) = (Int32(columns), Int32(rows), Int32(count))
    var input = elements
    var singular = Array(repeating: 0.0, count: count)
    var first = Array(repeating: 0.0, count: columns * count)
    var second = Array(repeating: 0.0, count: count * rows)
    let thin = Int8(UInt8(ascii: "S"))
    var info = LAPACKE_dgesdd(
      LAPACK_COL_MAJOR, thin, n, m, &input, n, &singular, &first, n, &second, k)
    if info > 0 {
      input = elements
      var superdiagonal = Array(repeating: 0.0, count: count)
      info = LAPACKE_dgesvd(
        LAPACK_COL_MAJOR, thin, thin, n, m, &input, n, &singular, &first, n, &second, k,
        &superdiagonal)
    }
    guard info == 0 else {
      throw Diagnostic(
        .failed, "the singular values of a \(rows)×\(columns) matrix did not converge (\(info))")
    }
    values = singular
    left = Matrix(rows: rows, columns: count, values: second)
    right = Matrix(rows: count, columns: columns, values: first).transposed()
  }
}
