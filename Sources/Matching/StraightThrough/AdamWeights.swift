import Tensors

/// Weights that Adam moves (Kingma and Ba, 2015, algorithm 1).
struct AdamWeights: Sendable {
  /// The weights.
  private(set) var values: Weights
  private var means: [String: [Float]]
  private var squares: [String: [Float]]
  private var power1 = 1.0
  private var power2 = 1.0
  private let rate: Double

  /// Starts at some weights.
  init(_ values: Weights, rate: Double) {
    self.values = values
    self.rate = rate
    means = values.mapValues { Array(repeating: 0, count: $0.values.count) }
    squares = means
  }

  /// Takes a step down a gradient; tensors without one stay.
  ///
  /// - Parameter factor: of the rate, for this step.
  /// - Complexity: O(elements).
  mutating func step(_ gradient: Weights, factor: Double = 1) {
    power1 *= 0.9
    power2 *= 0.999
    let size = Float(factor * rate / (1 - power1))
    let correction = Float(1 / (1 - power2).squareRoot())
    for (name, tensor) in gradient {
      guard var own = values[name]?.values, own.count == tensor.values.count,
        var mean = means[name], var square = squares[name]
      else { continue }
      // Let go of the stored copies, so that the arrays are changed in place.
      values[name]?.values = []
      means[name] = nil
      squares[name] = nil
      for index in own.indices {
        let slope = tensor.values[index]
        mean[index] += 0.1 * (slope - mean[index])
        square[index] += 0.001 * (slope * slope - square[index])
        own[index] -= size * mean[index] / (square[index].squareRoot() * correction + 1e-8)
      }
      values[name]?.values = own
      means[name] = mean
      squares[name] = square
    }
  }
}
