extension SingularVectors {
  /// The vectors of the longer side from those of the shorter one, as rows.
  static func longVectors(
    of matrix: borrowing Matrix<Float>, _ short: Matrix<Float>, tail: Matrix<Double>,
    _ values: [Double]
  ) -> Matrix<Float> {
    let width = max(matrix.rows, matrix.columns)
    let headCount = values.count - tail.rows
    var long = Matrix<Float>(zeros: values.count, width)
    matrix.withView { matrix in
      short.withView { short in
        long.withMutableView { long in
          BLAS.multiply(
            MatrixView(base: short.base, rows: headCount, columns: short.columns), matrix,
            transposingRight: matrix.rows >= matrix.columns,
            into: MutableMatrixView(base: long.base, rows: headCount, columns: width))
          for (row, value) in values.prefix(headCount).enumerated() {
            let scale = value > 0 ? Float(1 / value) : 0
            let elements = long.base + row * width
            for column in 0..<width { elements[column] *= scale }
          }
          fillTail(
            of: matrix, tail, values.suffix(tail.rows),
            into: MutableMatrixView(
              base: long.base + headCount * width, rows: tail.rows, columns: width),
            floor: 1e-7 * (values.first ?? 0))
        }
      }
    }
    return long
  }

  /// The vectors of small values, by products in Float64; zero where a value is below `floor`.
  private static func fillTail(
    of matrix: MatrixView<Float>, _ tail: Matrix<Double>, _ values: ArraySlice<Double>,
    into long: MutableMatrixView<Float>, floor: Double
  ) {
    guard tail.rows > 0 else { return }
    let scales = values.map { $0 > floor ? 1 / $0 : 0 }
    tail.withView { tail in
      SingularValues.forEachPanel(of: matrix) { panel, start, width, byColumns in
        var part = Matrix<Double>(zeros: tail.rows, width)
        part.withMutableView { part in
          BLAS.multiply(
            tail,
            MatrixView(
              base: panel, rows: byColumns ? width : tail.columns,
              columns: byColumns ? tail.columns : width),
            transposingRight: byColumns, into: part)
          for (row, scale) in scales.enumerated() {
            let source = part.base + row * width
            let target = long.base + row * long.rowStride + start
            for column in 0..<width { target[column] = Float(source[column] * scale) }
          }
        }
      }
    }
  }
}
