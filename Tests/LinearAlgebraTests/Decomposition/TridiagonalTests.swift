import Foundation
import Testing

@testable import LinearAlgebra

/// Eigenvalues of tridiagonal matrices that are known exactly.
@Suite("Eigenvalues of a tridiagonal matrix")
struct TridiagonalTests {
  private func eigenvalues<Scalar: ReductionScalar>(
    _ diagonal: [Double], _ beside: [Double], as type: Scalar.Type = Double.self
  ) throws -> [Double] {
    let band = SymmetricBand<Scalar>(count: diagonal.count)
    for index in diagonal.indices {
      band.base[index * band.stride] = Scalar(diagonal[index])
      if index + 1 < diagonal.count {
        band.base[index * band.stride + 1] = Scalar(beside[index])
      }
    }
    return try band.eigenvalues()
  }

  private func check(_ found: [Double], _ exact: [Double], within: Double = 1e-13) {
    let largest = exact.reduce(0) { max($0, abs($1)) }
    #expect(found.count == exact.count)
    for (found, exact) in zip(found, exact.sorted()) {
      #expect(abs(found - exact) <= within * largest)
    }
  }

  /// Below 21 one sweep runs at a time, above it eight.
  static let counts = [1, 2, 3, 8, 20, 21, 22, 37, 100, 501]

  @Test("a second difference", arguments: counts)
  func difference(_ count: Int) throws {
    let exact = (1...count).map { 2 - 2 * cos(Double($0) * Double.pi / Double(count + 1)) }
    let (diagonal, beside) = (
      Array(repeating: 2.0, count: count), Array(repeating: -1.0, count: count)
    )
    check(try eigenvalues(diagonal, beside), exact)
    check(try eigenvalues(diagonal, beside, as: Float.self), exact, within: 1e-5)
    // The same many times: the blocks are found.
    let block = [Double](repeating: -1, count: count - 1) + [0]
    let thrice = exact.flatMap { [$0, $0, $0] }
    check(
      try eigenvalues(Array(repeating: 2.0, count: 3 * count), block + block + block), thrice)
  }

  @Test("a diagonal of zeros: Clement's, of whole numbers", arguments: counts)
  func clement(_ count: Int) throws {
    let beside = (1...count).map { (Double($0) * Double(count - $0)).squareRoot() }
    check(
      try eigenvalues(Array(repeating: 0, count: count), beside),
      (0..<count).map { Double(2 * $0 - count + 1) })
  }

  @Test("falling and rising by powers, to 1e-30 of the largest", arguments: [true, false])
  func graded(_ falls: Bool) throws {
    // L·Lᵀ of a bidiagonal L: the product of the eigenvalues is the square of that of its diagonal.
    let factors = (0..<100).map { exp2(-Double($0) / 2) }
    let diagonal = factors.indices.map {
      factors[$0] * factors[$0] * ($0 == 0 ? 1 : 1.0625)
    }
    let beside = factors.indices.dropLast().map { factors[$0] * factors[$0 + 1] / 4 } + [0]
    let found =
      falls
      ? try eigenvalues(diagonal, beside)
      : try eigenvalues(diagonal.reversed(), beside.dropLast().reversed() + [0])
    let logarithm = found.suffix(40).reduce(0) { $0 + log2($1) }
    #expect(found.allSatisfy { $0 > -1e-15 } && found == found.sorted())
    #expect(abs(found.reduce(0, +) - diagonal.reduce(0, +)) < 1e-14)
    #expect(logarithm < -40 * 39 / 2 + 40 && logarithm > -40 * 39 / 2 - 40)
  }
}
