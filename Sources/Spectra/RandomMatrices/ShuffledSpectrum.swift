import Foundation
import LinearAlgebra

/// The spectrum of the same elements in random places: what is left there above the edge of noise is
/// due to a few large elements, "correlation traps", and not to correlations.
public struct ShuffledSpectrum: Sendable, Hashable {
  /// The largest eigenvalue.
  public var largest: Double
  /// The distance of Jensen and Shannon between the two spectra, each as shares of its sum.
  public var distance: Double
  /// How many eigenvalues lie above the edge that elements of that variance have.
  public var traps: Int

  /// Measures singular values of shuffled matrices beside the eigenvalues of the originals, rising.
  ///
  /// - Parameters:
  ///   - slices: the singular values of each shuffled matrix.
  ///   - variances: the variance of each one's elements.
  init(
    slices: [[Double]], variances: [Double], original: [Double], longSide: Int, shortSide: Int
  ) {
    let eigenvalues = slices.joined().map { $0 * $0 }.sorted()
    largest = eigenvalues.last ?? 0
    distance = Self.distance(original, eigenvalues)
    let edge =
      MarchenkoPastur(longSide: longSide, shortSide: shortSide).upperEdge
      + MarchenkoPastur.edgeAllowance(longSide: longSide, shortSide: shortSide)
    var traps = 0
    for (values, variance) in zip(slices, variances) {
      let limit = edge * variance * Double(longSide)
      traps += values.count { $0 * $0 > limit }
    }
    self.traps = traps
  }

  /// The distance of Jensen and Shannon, by natural logarithms.
  static func distance(_ first: [Double], _ second: [Double]) -> Double {
    let (firstSum, secondSum) = (first.reduce(0, +), second.reduce(0, +))
    guard first.count == second.count, firstSum > 0, secondSum > 0 else { return .nan }
    let divergence = zip(first, second).reduce(0.0) { sum, pair in
      let (p, q) = (pair.0 / firstSum, pair.1 / secondSum)
      let middle = (p + q) / 2
      return sum + (p > 0 ? p * log(p / middle) : 0) + (q > 0 ? q * log(q / middle) : 0)
    }
    return max(0, divergence / 2).squareRoot()
  }

  /// A matrix's elements in random places, and their variance.
  static func shuffled(
    _ matrix: MatrixView<Float>, _ generator: inout SeededGenerator
  ) -> (matrix: Matrix<Float>, variance: Double) {
    var values: [Float] = []
    values.reserveCapacity(matrix.rows * matrix.columns)
    for row in 0..<matrix.rows {
      let elements = matrix.base + row * matrix.rowStride
      values.append(contentsOf: UnsafeBufferPointer(start: elements, count: matrix.columns))
    }
    values.withUnsafeMutableBufferPointer { values in
      for index in stride(from: values.count - 1, to: 0, by: -1) {
        values.swapAt(index, generator.integer(below: index + 1))
      }
    }
    let count = Double(values.count)
    let mean = values.reduce(0.0) { $0 + Double($1) } / count
    let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    return (Matrix(rows: matrix.rows, columns: matrix.columns, values: values), variance)
  }
}
