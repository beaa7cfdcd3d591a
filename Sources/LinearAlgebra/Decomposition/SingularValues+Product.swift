import CLAPACK
import Support

extension SingularValues {
  /// The singular values of a product of a tall and a wide matrix, `left · right`, without forming
  /// it: those of the product of the small factors of their QR decompositions. Falling; r of them.
  ///
  /// - Parameters:
  ///   - left: m×r.
  ///   - right: r×n.
  /// - Throws: `Diagnostic`: `badData` where an element is not finite or the shapes do not agree,
  ///   `failed` where nothing converges.
  /// - Complexity: 2·(m + n)·r² operations, where m, n ≥ r; the product has m·n·r.
  public static func ofProduct(
    _ left: borrowing Matrix<Float>, _ right: borrowing Matrix<Float>
  ) throws -> [Double] {
    guard left.columns == right.rows else {
      throw Diagnostic(
        .badData, "the factors have \(left.columns) columns and \(right.rows) rows")
    }
    guard left.values.allSatisfy(\.isFinite), right.values.allSatisfy(\.isFinite) else {
      throw Diagnostic(.badData, "a matrix to decompose must be finite")
    }
    let rank = left.columns
    guard rank > 0, left.rows > 0, right.columns > 0 else { return [] }
    // Column-major, `right`'s rows are the columns of its transpose, and so are those of `left`
    // transposed.
    let first = try upperFactor(left.transposed().values.map { Double($0) }, left.rows, rank)
    let second = try upperFactor(right.values.map { Double($0) }, right.columns, rank)
    let core = BLAS.product(first, second, transposingRight: true)
    var values = try SingularValueDecomposition(core).values
    // A factor shorter than r bounds the rank.
    values.removeLast(values.count - min(values.count, min(left.rows, right.columns)))
    return values
  }

  /// The factor R of a column-major m×r matrix, r×r row-major; min(m, r) of its rows are not zero.
  private static func upperFactor(
    _ elements: [Double], _ rows: Int, _ columns: Int
  ) throws -> Matrix<Double> {
    BLAS.useOneThread()
    var elements = elements
    let count = min(rows, columns)
    var scales = Array(repeating: 0.0, count: count)
    let info = LAPACKE_dgeqrf(
      LAPACK_COL_MAJOR, Int32(rows), Int32(columns), &elements, Int32(rows), &scales)
    guard info == 0 else {
      throw Diagnostic(.failed, "a \(rows)×\(columns) matrix was not decomposed (\(info))")
    }
    let factor = elements
    return Matrix<Double>(rows: count, columns: columns) { row, column in
      column >= row ? factor[column * rows + row] : 0
    }
  }
}
