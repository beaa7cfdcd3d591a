import CBLAS

/// Matrix products, by OpenBLAS on one thread.
///
/// Parallelism is over layers, restarts and files: OpenBLAS's own threads make the many small products
/// here slower, and its results would depend on their number.
public enum BLAS {
  private static let oneThread: Void = openblas_set_num_threads(1)

  /// Sets OpenBLAS to one thread. Every function here does it first; call it before using
  /// `CBLAS` or `CLAPACK` directly.
  public static func useOneThread() { oneThread }

  /// The library's version and the kernels that it chose for this processor.
  public static var configuration: String { String(cString: openblas_get_config()) }

  /// `result ← scale·op(left)·op(right) + keeping·result`.
  ///
  /// - Parameters:
  ///   - left: m×k, or k×m where `transposingLeft`.
  ///   - right: k×n, or n×k where `transposingRight`.
  ///   - result: m×n; its old values are not read where `keeping` is zero.
  /// - Complexity: 2·m·n·k operations.
  public static func multiply<Scalar: BLASScalar>(
    _ left: MatrixView<Scalar>, transposingLeft: Bool = false, _ right: MatrixView<Scalar>,
    transposingRight: Bool = false, into result: MutableMatrixView<Scalar>, scale: Scalar = 1,
    keeping: Scalar = 0
  ) {
    useOneThread()
    let (m, k) = transposingLeft ? (left.columns, left.rows) : (left.rows, left.columns)
    let (k2, n) = transposingRight ? (right.columns, right.rows) : (right.rows, right.columns)
    precondition(k == k2 && result.rows == m && result.columns == n, "the shapes must agree")
    guard m > 0, n > 0 else { return }
    Scalar.gemm(
      transposingLeft, transposingRight, Int32(m), Int32(n), Int32(k), scale, left.base,
      Int32(max(1, left.rowStride)), right.base, Int32(max(1, right.rowStride)), keeping,
      result.base, Int32(max(1, result.rowStride)))
  }

  /// The product of two matrices.
  ///
  /// - Complexity: 2·m·n·k operations.
  public static func product<Scalar: BLASScalar>(
    _ left: borrowing Matrix<Scalar>, transposingLeft: Bool = false,
    _ right: borrowing Matrix<Scalar>, transposingRight: Bool = false
  ) -> Matrix<Scalar> {
    var result = Matrix<Scalar>(
      zeros: transposingLeft ? left.columns : left.rows,
      transposingRight ? right.rows : right.columns)
    left.withView { left in
      right.withView { right in
        result.withMutableView {
          multiply(
            left, transposingLeft: transposingLeft, right, transposingRight: transposingRight,
            into: $0)
        }
      }
    }
    return result
  }

  /// The Gram matrix of a matrix's columns, `aᵀ·a`, or of its rows, `a·aᵀ`; both triangles filled.
  ///
  /// - Complexity: n²·k operations for an n×n result.
  public static func gram<Scalar: BLASScalar>(
    _ matrix: borrowing Matrix<Scalar>, ofRows: Bool = false
  ) -> Matrix<Scalar> {
    useOneThread()
    let (n, k) = ofRows ? (matrix.rows, matrix.columns) : (matrix.columns, matrix.rows)
    var result = Matrix<Scalar>(zeros: n, n)
    guard n > 0 else { return result }
    matrix.withView { view in
      result.withMutableView { gram in
        Scalar.syrk(
          !ofRows, Int32(n), Int32(k), 1, view.base, Int32(max(1, view.rowStride)), 0, gram.base,
          Int32(n))
        for row in 1..<max(1, n) {
          for column in 0..<row { gram.base[row * n + column] = gram.base[column * n + row] }
        }
      }
    }
    return result
  }
}
