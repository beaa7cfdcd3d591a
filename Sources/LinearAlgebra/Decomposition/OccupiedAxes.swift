/// The rows and columns of a matrix that are not all zeros. Pruned models and dead units have many;
/// without them, the rest is smaller and not singular.
struct OccupiedAxes {
  /// The indices of the rows with an element that is not zero.
  private(set) var rows: [Int] = []
  /// The indices of the columns with one.
  private(set) var columns: [Int] = []
  /// The largest magnitude.
  private(set) var largest: Float = 0
  /// Whether every element is finite.
  private(set) var isFinite = true

  /// Looks at every element once.
  init(_ matrix: MatrixView<Float>) {
    var peaks = Array(repeating: Float(0), count: matrix.columns)
    peaks.withUnsafeMutableBufferPointer { peaks in
      for row in 0..<matrix.rows {
        let elements = matrix.base + row * matrix.rowStride
        var peak: Float = 0
        // A sum of zeros is zero, and one with anything that is not finite is not a number.
        var nothing: Float = 0
        for column in 0..<matrix.columns {
          let magnitude = elements[column].magnitude
          nothing += magnitude * 0
          peak = peak < magnitude ? magnitude : peak
          peaks[column] = peaks[column] < magnitude ? magnitude : peaks[column]
        }
        if nothing != 0 { isFinite = false }
        if peak > 0 { rows.append(row) }
        largest = max(largest, peak)
      }
    }
    columns = peaks.indices.filter { peaks[$0] > 0 }
  }

  /// Whether nothing can be left out.
  func isFull(of matrix: MatrixView<Float>) -> Bool {
    rows.count == matrix.rows && columns.count == matrix.columns
  }

  /// The matrix without the rows and columns of zeros.
  func gathered(from matrix: MatrixView<Float>) -> Matrix<Float> {
    var values: [Float] = []
    values.reserveCapacity(rows.count * columns.count)
    for row in rows {
      let elements = matrix.base + row * matrix.rowStride
      for column in columns { values.append(elements[column]) }
    }
    return Matrix(rows: rows.count, columns: columns.count, values: values)
  }
}
