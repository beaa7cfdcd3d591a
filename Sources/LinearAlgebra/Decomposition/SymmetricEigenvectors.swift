import CLAPACK
import Support

/// The eigenvalues and eigenvectors of a symmetric matrix: A = Q·diag(values)·Qᵀ, by LAPACK's `dsyevd`.
public struct SymmetricEigenvectors: Sendable {
  /// The eigenvalues, rising.
  public let values: [Double]
  /// The eigenvectors: column k belongs to `values[k]`.
  public let vectors: Matrix<Double>

  /// Decomposes a matrix, of which the upper triangle is read.
  ///
  /// - Throws: `Diagnostic`: `badData` where an element is not finite, `failed` where it does not
  ///   converge.
  /// - Complexity: about 9·n³ operations, and memory for 3·n² numbers beside the result.
  public init(_ matrix: borrowing Matrix<Double>) throws {
    precondition(matrix.rows == matrix.columns, "only a square matrix is symmetric")
    guard matrix.values.allSatisfy(\.isFinite) else {
      throw Diagnostic(.badData, "a matrix to decompose must be finite")
    }
    BLAS.useOneThread()
    let count = matrix.rows
    var work = copy matrix
    var values = Array(repeating: 0.0, count: count)
    if count > 0 {
      let info = work.withMutableView { view in
        LAPACKE_dsyevd(
          LAPACK_COL_MAJOR, Int8(UInt8(ascii: "V")), Int8(UInt8(ascii: "L")), Int32(count),
          view.base, Int32(count), &values)
      }
      guard info == 0 else {
        throw Diagnostic(
          .failed, "the eigenvalues of a matrix of \(count) did not converge (\(info))")
      }
    }
    self.values = values
    // LAPACK's columns are our rows.
    vectors = work.transposed()
  }
}
