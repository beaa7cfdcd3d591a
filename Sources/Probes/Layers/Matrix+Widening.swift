import LinearAlgebra

extension Matrix<Double> {
  /// The same numbers in Float64.
  init(widening matrix: Matrix<Float>) {
    self.init(rows: matrix.rows, columns: matrix.columns, values: matrix.values.map(Double.init))
  }

  /// Some of the rows, in a given order.
  func selectingRows(_ rows: [Int]) -> Matrix<Double> {
    var chosen: [Double] = []
    chosen.reserveCapacity(rows.count * columns)
    for row in rows { chosen += values[row * columns..<(row + 1) * columns] }
    return Matrix(rows: rows.count, columns: columns, values: chosen)
  }

  /// Some of the rows and some of the columns.
  func selecting(rows: [Int], columns chosen: [Int]) -> Matrix<Double> {
    Matrix(rows: rows.count, columns: chosen.count) { self[rows[$0], chosen[$1]] }
  }
}
