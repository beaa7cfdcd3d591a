import CLAPACK
import Support

extension SingularValueDecomposition {
  /// Decomposes a matrix by the eigenvectors of its Gram matrix, in Float64 (`dsyevd`): some times
  /// faster than `init(_:)`, and as good for singular values well above 10⁻⁷ of the largest. What
  /// lies below is rounding, and its vectors on the longer side are zero.
  ///
  /// For matrices of Float32, whose smaller singular values are rounding in any case.
  ///
  /// - Throws: `Diagnostic`: `badData` where an element is not finite, `failed` where it does not
  ///   converge.
  /// - Complexity: about 2·m·n·k + 9·k³ operations, and memory for 3·k² numbers of Float64 beside
  ///   the result.
  public init(byGramOf matrix: borrowing Matrix<Float>) throws {
    guard matrix.values.allSatisfy(\.isFinite) else {
      throw Diagnostic(.badData, "a matrix to decompose must be finite")
    }
    BLAS.useOneThread()
    let isWide = matrix.rows < matrix.columns
    let count = min(matrix.rows, matrix.columns)
    var squares = Array(repeating: 0.0, count: count)
    let short = try Self.gramVectors(of: matrix, count: count, squares: &squares)
    let singular = squares.reversed().map { max(0, $0).squareRoot() }
    let floor = 1e-7 * (singular.first ?? 0)
    let scales = singular.map { $0 > floor ? 1 / $0 : 0 }
    var long = Matrix<Double>(zeros: max(matrix.rows, matrix.columns), count)
    matrix.withView { view in
      short.withView { short in
        long.withMutableView { long in
          SingularValues.forEachPanel(of: view) { panel, start, width, byColumns in
            BLAS.multiply(
              MatrixView(
                base: panel, rows: byColumns ? width : count, columns: byColumns ? count : width),
              transposingLeft: !byColumns, short,
              into: MutableMatrixView(
                base: long.base + start * count, rows: width, columns: count))
          }
          for row in 0..<long.rows {
            let values = long.base + row * count
            for column in 0..<count { values[column] *= scales[column] }
          }
        }
      }
    }
    values = singular
    left = isWide ? short : long
    right = isWide ? long : short
  }

  /// The eigenvectors of the Gram matrix of the shorter side, in columns, and its eigenvalues: the
  /// vectors of the largest first, the values of the smallest.
  private static func gramVectors(
    of matrix: borrowing Matrix<Float>, count: Int, squares: inout [Double]
  ) throws -> Matrix<Double> {
    guard count > 0 else { return Matrix(zeros: 0, 0) }
    var gram = Matrix<Double>(zeros: count, count)
    let info = matrix.withView { view in
      gram.withMutableView { gram in
        SingularValues.formGram(view, into: gram.base)
        return LAPACKE_dsyevd(
          LAPACK_COL_MAJOR, Int8(UInt8(ascii: "V")), Int8(UInt8(ascii: "L")), Int32(count),
          gram.base, Int32(count), &squares)
      }
    }
    guard info == 0 else {
      throw Diagnostic(
        .failed, "the eigenvalues of a Gram matrix of \(count) did not converge (\(info))")
    }
    // LAPACK's columns are our rows, and rise.
    for row in 0..<count / 2 {
      let (upper, lower) = (row * count, (count - 1 - row) * count)
      for column in 0..<count { gram.values.swapAt(upper + column, lower + column) }
    }
    return gram.transposed()
  }
}
