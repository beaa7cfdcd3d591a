import LinearAlgebra
import Support
import Testing

@Suite struct SingularValueDecompositionTests {
  /// Backward stability: the product gives the matrix back, and the vectors are orthonormal, within a
  /// modest multiple of 2⁻⁵³ times the norm.
  @Test(arguments: [(1, 1), (1, 9), (9, 1), (17, 17), (60, 25), (25, 60), (200, 130)])
  func productGivesTheMatrixBack(_ rows: Int, _ columns: Int) throws {
    var generator = SeededGenerator(seed: UInt64(rows * 1000 + columns))
    let matrix = Matrix<Float>(rows: rows, columns: columns) { _, _ in Float(generator.normal()) }
    let decomposition = try SingularValueDecomposition(matrix)
    let count = min(rows, columns)
    #expect(decomposition.values.count == count)
    #expect(decomposition.values == decomposition.values.sorted(by: >))
    #expect(decomposition.values.allSatisfy { $0 >= 0 })
    let scaled = Matrix<Double>(rows: rows, columns: count) {
      decomposition.left[$0, $1] * decomposition.values[$1]
    }
    let product = BLAS.product(scaled, decomposition.right, transposingRight: true)
    let tolerance = 100 * 0x1p-53 * (decomposition.values.first ?? 0)
    for (value, exact) in zip(product.values, matrix.values) {
      #expect(abs(value - Double(exact)) < tolerance)
    }
    for vectors in [decomposition.left, decomposition.right] {
      let gram = BLAS.gram(vectors)
      for row in 0..<count {
        for column in 0..<count {
          #expect(abs(gram[row, column] - (row == column ? 1 : 0)) < 100 * 0x1p-53)
        }
      }
    }
  }

  @Test func knownValues() throws {
    let matrix = Matrix<Double>(rows: 2, columns: 2, values: [3, 0, 4, 5])
    let values = try SingularValueDecomposition(matrix).values
    #expect(abs(values[0] - (45.0).squareRoot()) < 1e-14)
    #expect(abs(values[1] - (5.0).squareRoot()) < 1e-14)
    #expect(try SingularValueDecomposition(Matrix<Float>(zeros: 3, 4)).values == [0, 0, 0])
    #expect(try SingularValueDecomposition(Matrix<Float>(zeros: 0, 4)).values == [])
    #expect(throws: Diagnostic.self) {
      try SingularValueDecomposition(Matrix<Float>(rows: 1, columns: 2, values: [1, .nan]))
    }
  }

  @Test(arguments: [(40, 25), (25, 40), (30, 30), (1, 5), (0, 0)])
  func byGramAgrees(_ rows: Int, _ columns: Int) throws {
    var generator = SeededGenerator(seed: UInt64(rows))
    let matrix = Matrix<Float>(rows: rows, columns: columns) { _, _ in Float(generator.normal()) }
    let direct = try SingularValueDecomposition(matrix)
    let gram = try SingularValueDecomposition(byGramOf: matrix)
    #expect(gram.values.count == direct.values.count)
    for (one, two) in zip(gram.values, direct.values) {
      #expect(abs(one - two) < 1e-9 * (direct.values.first ?? 1))
    }
    // The vectors are the matrix's: their product gives it back.
    for row in 0..<rows {
      for column in 0..<columns {
        let sum = gram.values.indices.reduce(0.0) {
          $0 + gram.values[$1] * gram.left[row, $1] * gram.right[column, $1]
        }
        #expect(abs(sum - Double(matrix[row, column])) < 1e-9)
      }
    }
  }

  /// Longer than what is converted at once: every panel lands in its place.
  @Test(arguments: [(70_000, 40), (40, 70_000)])
  func byGramOfLongMatrices(_ rows: Int, _ columns: Int) throws {
    var generator = SeededGenerator(seed: 3)
    let matrix = Matrix<Float>(
      rows: rows, columns: columns,
      values: (0..<rows * columns).map { _ in Float(generator.uniform()) - 0.5 })
    let gram = try SingularValueDecomposition(byGramOf: matrix)
    for _ in 0..<200 {
      let (row, column) = (generator.integer(below: rows), generator.integer(below: columns))
      let sum = gram.values.indices.reduce(0.0) {
        $0 + gram.values[$1] * gram.left[row, $1] * gram.right[column, $1]
      }
      #expect(abs(sum - Double(matrix[row, column])) < 1e-9)
    }
  }
}
