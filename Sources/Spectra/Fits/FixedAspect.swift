import LinearAlgebra

/// The exponent of the tail at a fixed aspect ratio: eigenvalues of square windows along the longer
/// side, taken together, by Hill's estimator. Layers of different shapes can be compared by it.
///
/// After Hu et al., "Eigenspectrum Analysis of Neural Networks without Aspect Ratio Bias", 2025.
enum FixedAspect {
  /// The eigenvalues of evenly placed square windows that cover the matrix.
  ///
  /// - Complexity: that of ⌈N/M⌉ square matrices of the shorter side M.
  static func eigenvalues(
    _ matrix: MatrixView<Float>, precision: SingularValues.Precision
  ) throws -> [Double] {
    let side = min(matrix.rows, matrix.columns)
    let long = max(matrix.rows, matrix.columns)
    guard side > 0 else { return [] }
    let count = (long + side - 1) / side
    return try (0..<count).flatMap { window in
      let start = count > 1 ? window * (long - side) / (count - 1) : 0
      let offset = matrix.rows >= matrix.columns ? start * matrix.rowStride : start
      let view = MatrixView(
        base: matrix.base + offset, rows: side, columns: side, rowStride: matrix.rowStride)
      return try SingularValues.of(view, precision: precision).map { $0 * $0 }
    }
  }
}
