import CBLAS
import Support

extension SingularValues {
  /// The eigenvalues of the Gram matrix of the shorter side, rising, in two stages: dense to band to
  /// tridiagonal.
  ///
  /// - Parameter largest: the largest magnitude of an element; it is scaled to about 1, so that
  ///   squares stay in range.
  static func gramTiled<Scalar: ReductionScalar>(
    _ matrix: MatrixView<Float>, largest: Float, as type: Scalar.Type
  ) throws -> [Double] {
    let exponent = max(-126, Int(largest.exponent))
    let scale = Scalar(sign: .plus, exponent: Scalar.Exponent(-exponent), significand: 1)
    let gram = TiledGram<Scalar>(matrix, scale: scale)
    let values = try BandReduction.band(of: gram).eigenvalues()
    let back = Double(sign: .plus, exponent: 2 * exponent, significand: 1)
    return values.map { $0 * back }
  }

  /// How many Float64 elements are converted at once.
  private static let panelCount = 2 << 20

  /// Forms the Gram matrix of the shorter side in Float64: the upper triangle, row-major, which is
  /// LAPACK's lower one, column-major.
  static func formGram(_ matrix: MatrixView<Float>, into gram: UnsafeMutablePointer<Double>) {
    let side = min(matrix.rows, matrix.columns)
    forEachPanel(of: matrix) { panel, start, width, byColumns in
      cblas_dsyrk(
        CblasRowMajor, CblasUpper, byColumns ? CblasTrans : CblasNoTrans, Int32(side),
        Int32(width), 1, panel, Int32(byColumns ? side : width), start == 0 ? 0 : 1, gram,
        Int32(side))
    }
  }

  /// Lends the matrix in Float64, some of the longer side at a time.
  ///
  /// - Parameter body: takes the panel, where it starts on the longer side and how much of it it is,
  ///   and whether the longer side are the rows; the panel is width × shorter side, or shorter
  ///   side × width.
  static func forEachPanel(
    of matrix: MatrixView<Float>,
    _ body: (_ panel: UnsafePointer<Double>, _ start: Int, _ width: Int, _ byColumns: Bool) -> Void
  ) {
    let byColumns = matrix.rows >= matrix.columns
    let (long, side) =
      byColumns ? (matrix.rows, matrix.columns) : (matrix.columns, matrix.rows)
    guard side > 0 else { return }
    let depth = min(long, max(64, panelCount / side))
    let panel = UnsafeMutablePointer<Double>.allocate(capacity: depth * side)
    defer { panel.deallocate() }
    for start in stride(from: 0, to: long, by: depth) {
      let width = min(depth, long - start)
      widen(matrix, byColumns: byColumns, start: start, width: width, into: panel)
      body(panel, start, width, byColumns)
    }
  }

  /// Converts rows (`byColumns`) or columns of the matrix to a panel without gaps.
  private static func widen(
    _ matrix: MatrixView<Float>, byColumns: Bool, start: Int, width: Int,
    into panel: UnsafeMutablePointer<Double>
  ) {
    let (rows, columns) = byColumns ? (width, matrix.columns) : (matrix.rows, width)
    let first = matrix.base + (byColumns ? start * matrix.rowStride : start)
    for row in 0..<rows {
      let source = first + row * matrix.rowStride
      let target = panel + row * columns
      for column in 0..<columns { target[column] = Double(source[column]) }
    }
  }
}
