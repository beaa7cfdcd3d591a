import LinearAlgebra
import RealModule
import Support

/// Numbers of a layer that do not depend on the order of its units: for each column the mean over the
/// rows and the root of the mean square, then the characteristic function of all elements, brought to
/// mean 0 and deviation 1, at eight places (real and imaginary parts).
enum RowMoments {
  /// Where the characteristic function is taken.
  static let places = (1...8).map { Double($0) / 2 }

  /// How many numbers a model has.
  static func count(columns: Int) -> Int { 2 * columns + 2 * places.count }

  /// The numbers of all models, a row for each.
  ///
  /// - Complexity: O(elements); of factors, with the time and the memory of one product at a time.
  static func features(of stack: LayerStack<Float>, jobs: Int?) throws -> Matrix<Double> {
    let rows = try Parallel.map(count: stack.count, jobs: jobs) { model in
      features(of: matrix(model, stack))
    }
    return Matrix(
      rows: stack.count, columns: count(columns: stack.columns), values: rows.flatMap { $0 })
  }

  private static func matrix(_ model: Int, _ stack: LayerStack<Float>) -> Matrix<Double> {
    guard stack.rank == nil else {
      let factors = LayerGram.Factors(stack, model)
      return BLAS.product(factors.left, factors.right)
    }
    let start = model * stack.stride
    return Matrix(
      rows: stack.rows, columns: stack.columns,
      values: stack.values[start..<start + stack.stride].map(Double.init))
  }

  private static func features(of matrix: Matrix<Double>) -> [Double] {
    let (rows, columns) = (matrix.rows, matrix.columns)
    var means = [Double](repeating: 0, count: columns)
    var squares = means
    matrix.values.withUnsafeBufferPointer { values in
      for row in 0..<rows {
        for column in 0..<columns {
          let value = values[row * columns + column]
          means[column] += value
          squares[column] += value * value
        }
      }
    }
    let total = Double(rows * columns)
    let mean = means.reduce(0, +) / total
    let deviation = max(squares.reduce(0, +) / total - mean * mean, 0).squareRoot()
    let factor = deviation > 0 ? 1 / deviation : 0
    let waves = places.flatMap { place in
      var (real, imaginary) = (0.0, 0.0)
      for value in matrix.values {
        let angle = place * (value - mean) * factor
        real += Double.cos(angle)
        imaginary += Double.sin(angle)
      }
      return [real / total, imaginary / total]
    }
    return means.map { $0 / Double(rows) }
      + squares.map { ($0 / Double(rows)).squareRoot() } + waves
  }
}
