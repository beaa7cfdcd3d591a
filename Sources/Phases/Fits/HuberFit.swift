import Foundation
import LinearAlgebra

/// Fits a law to logarithms with Huber's loss (1964), by Levenberg–Marquardt steps on reweighted squares,
/// from many starts.
struct HuberFit {
  let law: ScalingLaw
  let delta: Double
  /// The logarithms of the inputs, from their middle.
  let x: [[Double]]
  /// The logarithms of the results.
  let y: [Double]

  /// The loss of some parameters over some points.
  func loss(_ p: [Double], _ points: [Int]) -> Double {
    var slope = [Double](repeating: 0, count: law.width)
    return points.reduce(0) { sum, point in
      let r = abs(law.value(p, x[point], slope: &slope) - y[point])
      return sum + (r <= delta ? r * r / 2 : delta * (r - delta / 2))
    }
  }

  /// The starts: floors from just below the least result down, exponents from slow to steep.
  func starts(_ points: [Int]) -> [[Double]] {
    let least = points.map { y[$0] }.min() ?? 0
    let mean = points.map { y[$0] }.mean ?? 0
    guard law != .criticalBatch else {
      return [0.1, 1, 3].map { [least - $0, mean - 0.5] }
    }
    var starts: [[Double]] = []
    for gap in [0.02, 0.2, 1, 4] {
      for exponent in [0.1, 0.3, 0.7, 1.5] {
        let floor = least - gap
        let term = log(max(1e-9, exp(mean) - exp(floor)))
        if law == .power {
          starts.append([floor, term, exponent])
        } else {
          for other in [0.1, 0.5, 1.2] {
            starts.append([floor, term - 0.7, exponent, term - 0.7, other])
          }
        }
      }
    }
    return starts
  }

  /// The best parameters from some starts.
  func best(_ points: [Int], from starts: [[Double]]) -> (parameters: [Double], loss: Double) {
    starts.map { descend($0, points) }.min { $0.loss < $1.loss } ?? ([], .infinity)
  }

  private func descend(_ start: [Double], _ points: [Int]) -> (parameters: [Double], loss: Double) {
    let width = law.width
    var p = start
    var current = loss(p, points)
    var damping = 1e-2
    var slope = [Double](repeating: 0, count: width)
    let lowest = (points.map { y[$0] }.min() ?? 0) - 25
    for _ in 0..<300 {
      var matrix = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
      var right = [Double](repeating: 0, count: width)
      for point in points {
        let r = law.value(p, x[point], slope: &slope) - y[point]
        let weight = abs(r) <= delta ? 1 : delta / abs(r)
        for one in 0..<width {
          right[one] -= weight * slope[one] * r
          for other in 0...one { matrix[one][other] += weight * slope[one] * slope[other] }
        }
      }
      var improved = false
      for _ in 0..<12 {
        var damped = matrix
        for one in 0..<width { damped[one][one] += damping * (matrix[one][one] + 1e-12) + 1e-15 }
        guard let step = LeastSquares.solve(damped, right) else {
          damping *= 10
          continue
        }
        var next = zip(p, step).map { $0 + max(-3, min(3, $1)) }
        // A floor of nothing has no logarithm; an exponent below zero is another law.
        next[0] = max(next[0], lowest)
        if law != .criticalBatch { next[2] = max(next[2], 1e-4) }
        if law == .twoPowers { next[4] = max(next[4], 1e-4) }
        let other = loss(next, points)
        if other < current {
          improved = current - other > 1e-13 * (current + 1e-12)
          (p, current) = (next, other)
          damping = max(1e-12, damping / 5)
          break
        }
        damping *= 4
      }
      if !improved { break }
    }
    return (p, current)
  }
}
