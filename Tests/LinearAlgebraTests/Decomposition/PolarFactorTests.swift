import LinearAlgebra
import Support
import Testing

/// Polar factors without singular vectors.
@Suite("Polar factors")
struct PolarFactorTests {
  private func matrix(_ count: Int, seed: UInt64) -> Matrix<Double> {
    var generator = SeededGenerator(seed: seed)
    return Matrix(rows: count, columns: count) { _, _ in generator.normal() }
  }

  private func difference(_ first: Matrix<Double>, _ second: Matrix<Double>) -> Double {
    zip(first.values, second.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  private func identity(_ count: Int) -> Matrix<Double> {
    Matrix(rows: count, columns: count) { $0 == $1 ? 1 : 0 }
  }

  /// As far as the singular vectors' own rounding, which grows with the condition.
  @Test(arguments: [1, 2, 17, 64]) func isThatOfSingularVectors(_ count: Int) throws {
    let matrix = matrix(count, seed: UInt64(count))
    let found = try PolarFactor(matrix)
    let parts = try SingularValueDecomposition(matrix)
    let expected = BLAS.product(parts.left, parts.right, transposingRight: true)
    let condition = (parts.values.first ?? 1) / (parts.values.last ?? 1)
    #expect(difference(found.rotation, expected) < 1e-14 * condition * Double(count))
    #expect(
      difference(
        BLAS.product(found.rotation, transposingLeft: true, found.rotation), identity(count))
        < 1e-13)
    let sum = parts.values.reduce(0, +)
    #expect(abs(found.gain - sum) < 1e-12 * sum)
  }

  /// One column a thousandth, a millionth and 10⁻¹² of the others: the last goes by singular vectors.
  @Test(arguments: [1e-3, 1e-6, 1e-12, 0]) func staysOrthogonal(_ size: Double) throws {
    var matrix = matrix(20, seed: 3)
    for row in 0..<20 { matrix[row, 7] *= size }
    let found = try PolarFactor(matrix)
    #expect(
      difference(
        BLAS.product(found.rotation, transposingLeft: true, found.rotation), identity(20)) < 1e-12)
    let sum = try SingularValueDecomposition(matrix).values.reduce(0, +)
    #expect(abs(found.gain - sum) < 1e-11 * sum)
  }

  @Test func refusesWhatIsNotFinite() {
    #expect(throws: Diagnostic.self) {
      try PolarFactor(Matrix(rows: 1, columns: 1, values: [.infinity]))
    }
  }
}
