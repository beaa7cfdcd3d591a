import Foundation
import LinearAlgebra

/// How many elements the singular vectors of the shorter side are spread over: those of noise over
/// all of them, some of the tail over few.
public struct VectorLocalization: Sendable, Hashable {
  /// The mean of ‖v‖₂/‖v‖₄ over the vectors of the power law's tail.
  public var tailParticipation: Double
  /// The same over the other vectors.
  public var bulkParticipation: Double
  /// The mean of ‖v‖₁/‖v‖∞ over the vectors of the tail.
  public var tailLocalization: Double
  /// The same over the other vectors.
  public var bulkLocalization: Double

  /// One vector's part.
  struct Sample {
    var eigenvalue: Double
    var participation: Double
    var localization: Double
  }

  /// Takes means; NaN of none.
  init(_ samples: [Sample], threshold: Double) {
    let tail = samples.filter { $0.eigenvalue >= threshold }
    let bulk = samples.filter { $0.eigenvalue < threshold }
    func mean(_ samples: [Sample], _ value: (Sample) -> Double) -> Double {
      samples.reduce(0) { $0 + value($1) } / Double(samples.count)
    }
    tailParticipation = mean(tail, \.participation)
    bulkParticipation = mean(bulk, \.participation)
    tailLocalization = mean(tail, \.localization)
    bulkLocalization = mean(bulk, \.localization)
  }

  /// The measures of a matrix's singular vectors.
  ///
  /// - Complexity: that of the decomposition with vectors.
  static func samples(_ matrix: MatrixView<Float>) throws -> [Sample] {
    var values: [Float] = []
    for row in 0..<matrix.rows {
      let elements = matrix.base + row * matrix.rowStride
      values.append(contentsOf: UnsafeBufferPointer(start: elements, count: matrix.columns))
    }
    let decomposition = try SingularValueDecomposition(
      byGramOf: Matrix(rows: matrix.rows, columns: matrix.columns, values: values))
    let vectors = matrix.rows < matrix.columns ? decomposition.left : decomposition.right
    return decomposition.values.indices.map { index in
      var (sum, square, fourth, largest) = (0.0, 0.0, 0.0, 0.0)
      for row in 0..<vectors.rows {
        let magnitude = abs(vectors.values[row * vectors.columns + index])
        sum += magnitude
        square += magnitude * magnitude
        fourth += magnitude * magnitude * magnitude * magnitude
        largest = max(largest, magnitude)
      }
      let value = decomposition.values[index]
      return Sample(
        eigenvalue: value * value,
        participation: square.squareRoot() / fourth.squareRoot().squareRoot(),
        localization: sum / largest)
    }
  }
}
