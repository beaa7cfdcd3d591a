import CLAPACK
import Support

extension SingularValues {
  /// The singular values by LAPACK's bidiagonalisation in Float64, falling: as exact as they come.
  ///
  /// `dgesdd`, and `dgesvd` in the rare case that this does not converge.
  ///
  /// - Throws: `Diagnostic` of code `failed` where neither converges, and where the matrix as Float64 takes
  ///   more memory than there is or is allowed (`MachineMemory`), before it is taken.
  /// - Complexity: 8/3·k³ operations for a square matrix, half of them bound by memory.
  public static func direct(_ matrix: MatrixView<Float>) throws -> [Double] {
    let count = min(matrix.rows, matrix.columns)
    guard count > 0 else { return [] }
    try MachineMemory.check(MemoryLayout<Double>.size * matrix.rows * matrix.columns)
    BLAS.useOneThread()
    var values = Array(repeating: 0.0, count: count)
    // LAPACK reads our rows as columns; the transpose has the same values.
    let (m, n) = (Int32(matrix.columns), Int32(matrix.rows))
    let none = Int8(UInt8(ascii: "N"))
    var elements = widened(matrix)
    var info = LAPACKE_dgesdd(
      LAPACK_COL_MAJOR, none, m, n, &elements, m, &values, nil, 1, nil, 1)
    if info > 0 {
      elements = widened(matrix)
      var superdiagonal = Array(repeating: 0.0, count: count)
      info = LAPACKE_dgesvd(
        LAPACK_COL_MAJOR, none, none, m, n, &elements, m, &values, nil, 1, nil, 1, &superdiagonal)
    }
    guard info == 0 else {
      throw Diagnostic(
        .failed,
        "the singular values of a \(matrix.rows)×\(matrix.columns) matrix did not converge (\(info))"
      )
    }
    return values
  }

  private static func widened(_ matrix: MatrixView<Float>) -> [Double] {
    let count = matrix.rows * matrix.columns
    return [Double](unsafeUninitializedCapacity: count) { target, initialized in
      for row in 0..<matrix.rows {
        let source = matrix.base + row * matrix.rowStride
        let start = row * matrix.columns
        for column in 0..<matrix.columns {
          target.initializeElement(at: start + column, to: Double(source[column]))
        }
      }
      initialized = count
    }
  }
}
