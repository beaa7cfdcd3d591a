import Foundation
import Testing

@testable import Networks

/// Losses and their gradients against plain Float64 formulas.
@Suite struct LossTests {
  private static let outputs: [Float] = [0.5, -1, 2, 0.25, 30, -30, 0, 1, -0.75, -0.5, 4, 4]
  private static let labels: [Int32] = [2, 1, 0]

  private static func reference(_ loss: Loss, smoothing: Double, _ outputs: [Double]) -> Double {
    let rows = (0..<3).map { row -> Double in
      let values = outputs[row * 4..<(row + 1) * 4].map { $0 }
      let label = Int(labels[row])
      if loss == .meanSquaredError {
        return values.enumerated().reduce(0) { $0 + pow($1.1 - ($1.0 == label ? 1 : 0), 2) } / 4
      }
      // No shift by the largest: Float64 holds e³⁰.
      let sum = values.reduce(0) { $0 + exp($1) }
      return values.enumerated().reduce(0) { total, entry in
        let target = (entry.0 == label ? 1 - smoothing : 0) + smoothing / 4
        return total - target * log(exp(entry.1) / sum)
      }
    }
    return rows.reduce(0, +) / 3
  }

  @Test(arguments: [
    (Loss.crossEntropy, 0.0), (.crossEntropy, 0.1), (.crossEntropy, 0.9), (.meanSquaredError, 0),
  ])
  func `gradients agree with finite differences`(_ loss: Loss, _ smoothing: Double) {
    var gradient = Array(repeating: Float.nan, count: 12)
    let sum = gradient.withUnsafeMutableBufferPointer { target in
      Self.outputs.withUnsafeBufferPointer { outputs -> LossSum in
        guard let base = outputs.baseAddress else { return LossSum() }
        return loss.evaluate(
          base, labels: Self.labels[...], classCount: 4, labelSmoothing: smoothing,
          gradient: target.baseAddress)
      }
    }
    var values = Self.outputs.map(Double.init)
    let expected = Self.reference(loss, smoothing: smoothing, values)
    #expect(abs(sum.loss / 3 - expected) < 1e-12 * max(1, expected))
    // The first is right, the second and the third are not.
    #expect(sum.correct == 1)
    for index in values.indices {
      let step = 1e-5
      values[index] += step
      let above = Self.reference(loss, smoothing: smoothing, values)
      values[index] -= 2 * step
      let below = Self.reference(loss, smoothing: smoothing, values)
      values[index] += step
      // Differences of a loss of size 20 at a step of 1e-5 are exact to 1e-9; the gradient is
      // rounded to Float32.
      let difference = (above - below) / (2 * step)
      #expect(abs(Double(gradient[index]) - difference) < 1e-8 + 1e-6 * abs(difference))
    }
  }
}
