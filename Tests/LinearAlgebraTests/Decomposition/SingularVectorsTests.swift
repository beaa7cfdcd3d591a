import Foundation
import LinearAlgebra
import Testing

/// Vectors in Float32 beside those of LAPACK's `dgesdd` in Float64.
@Suite("Singular vectors in Float32")
struct SingularVectorsTests {
  private static func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Float> {
    var generator = SeededGenerator(seed: seed)
    return Matrix(rows: rows, columns: columns) { _, _ in
      Float.random(in: -1...1, using: &generator)
    }
  }

  /// `Σ left[i]·right[i]ᵀ` over the first vectors: what no sign of a vector changes.
  private static func polar(_ left: Matrix<Float>, _ right: Matrix<Float>, _ count: Int) -> [Double]
  {
    let (rows, columns) = (left.columns, right.columns)
    var sum = Array(repeating: 0.0, count: rows * columns)
    for index in 0..<count {
      for row in 0..<rows {
        let factor = Double(left.values[index * rows + row])
        for column in 0..<columns {
          sum[row * columns + column] += factor * Double(right.values[index * columns + column])
        }
      }
    }
    return sum
  }

  /// Square, tall and wide; 120 goes through `dgesdd`, the others through the tridiagonal form.
  @Test(arguments: [(150, 150), (140, 213), (213, 140), (120, 130), (128, 128)])
  func values(_ rows: Int, _ columns: Int) throws {
    let matrix = Self.random(rows, columns, seed: UInt64(rows * columns))
    let found = try SingularVectors(matrix)
    let exact = try SingularValueDecomposition(matrix)
    let count = min(rows, columns)
    #expect(found.values.count == count)
    for (one, two) in zip(found.values, exact.values) {
      // A Gram matrix in Float64: 2⁻⁵³·σmax²/σ.
      #expect(abs(one - two) <= 1e-9 * exact.values[0])
    }
    let reference = (
      Matrix(rows: rows, columns: count, values: exact.left.values.map { Float($0) }).transposed(),
      Matrix(rows: columns, columns: count, values: exact.right.values.map { Float($0) })
        .transposed()
    )
    for kept in [1, count / 3, count] {
      let (own, other) = (
        Self.polar(found.left, found.right, kept), Self.polar(reference.0, reference.1, kept)
      )
      let square = zip(own, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      // The relative error of a factor whose norm is √kept. Measured: 4.6e-7 of the first vectors, and
      // at most 1.2e-6 of all of them (150 × 150); 3.5e-5 when small values were left to Float32.
      #expect((square / Double(kept)).squareRoot() < 2.5e-6)
    }
  }

  /// Values that repeat have no vectors of their own: those found are orthogonal all the same.
  @Test(arguments: [0, 1])
  func equalValues(_ kind: Int) throws {
    let side = 132
    let matrix =
      kind == 0
      ? Matrix<Float>(rows: side, columns: side) { $0 == $1 ? 2 : 0 }
      : Matrix<Float>(rows: side, columns: 2 * side) { $1 / 2 == $0 ? ($0 < 60 ? 3 : 1) : 0 }
    let found = try SingularVectors(matrix)
    for vectors in [found.left, found.right] {
      let products = BLAS.product(vectors, vectors, transposingRight: true)
      for row in 0..<side {
        for column in 0..<side {
          #expect(abs(products[row, column] - (row == column ? 1 : 0)) < 1e-5)
        }
      }
    }
  }

  @Test func refusesWhatIsNotFinite() {
    var matrix = Self.random(130, 130, seed: 1)
    matrix.values[77] = .nan
    #expect(throws: (any Error).self) { try SingularVectors(matrix) }
  }
}
