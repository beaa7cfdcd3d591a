import LinearAlgebra
import Testing

@Suite struct MatrixTests {
  private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Float> {
    var generator = SeededGenerator(seed: seed)
    return Matrix(rows: rows, columns: columns) { _, _ in Float(generator.normal()) }
  }

  private func reference(
    _ left: Matrix<Float>, _ transposingLeft: Bool, _ right: Matrix<Float>,
    _ transposingRight: Bool
  ) -> Matrix<Double> {
    let left = transposingLeft ? left.transposed() : left
    let right = transposingRight ? right.transposed() : right
    return Matrix(rows: left.rows, columns: right.columns) { row, column in
      (0..<left.columns).reduce(0.0) {
        $0 + Double(left[row, $1]) * Double(right[$1, column])
      }
    }
  }

  /// Sums of 23 products of numbers below about 4, in Float32: each rounding is at most 2⁻²⁴ of
  /// a partial sum below 100.
  @Test(arguments: [false, true], [false, true])
  func productsAgreeWithFloat64(_ transposingLeft: Bool, _ transposingRight: Bool) {
    let left = transposingLeft ? random(23, 17, seed: 1) : random(17, 23, seed: 1)
    let right = transposingRight ? random(11, 23, seed: 2) : random(23, 11, seed: 2)
    let product = BLAS.product(
      left, transposingLeft: transposingLeft, right, transposingRight: transposingRight)
    let expected = reference(left, transposingLeft, right, transposingRight)
    #expect(product.rows == 17 && product.columns == 11)
    for (value, exact) in zip(product.values, expected.values) {
      #expect(abs(Double(value) - exact) < 23 * 100 * 0x1p-24)
    }
  }

  @Test(arguments: [false, true])
  func gramIsTheProductWithItself(_ ofRows: Bool) {
    let matrix = random(19, 7, seed: 3)
    let gram = BLAS.gram(matrix, ofRows: ofRows)
    let expected = reference(matrix, !ofRows, matrix, ofRows)
    #expect(gram.rows == (ofRows ? 19 : 7))
    for (value, exact) in zip(gram.values, expected.values) {
      #expect(abs(Double(value) - exact) < 19 * 100 * 0x1p-24)
    }
  }

  @Test(arguments: [(0, 3), (1, 1), (5, 1), (33, 65), (64, 32)])
  func transposingTwiceChangesNothing(_ rows: Int, _ columns: Int) {
    let matrix = random(rows, columns, seed: 4)
    let transposed = matrix.transposed()
    #expect(transposed.rows == columns && transposed.columns == rows)
    #expect(transposed.transposed() == matrix)
    if rows > 1 && columns > 1 { #expect(transposed[1, 0] == matrix[0, 1]) }
  }

  @Test func viewsKeepTheirStride() {
    let matrix = random(6, 8, seed: 5)
    var result = Matrix<Float>(zeros: 3, 3)
    matrix.withView { whole in
      let block = MatrixView(base: whole.base + 2, rows: 6, columns: 3, rowStride: 8)
      result.withMutableView { BLAS.multiply(block, transposingLeft: true, block, into: $0) }
    }
    let copy = Matrix<Float>(rows: 6, columns: 3) { matrix[$0, $1 + 2] }
    #expect(result == BLAS.product(copy, transposingLeft: true, copy))
  }

  @Test func emptyProductsAreZero() {
    let product = BLAS.product(Matrix<Double>(zeros: 2, 0), Matrix<Double>(zeros: 0, 3))
    #expect(product == Matrix(zeros: 2, 3))
  }
}
