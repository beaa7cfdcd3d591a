import Foundation

/// The cross-entropy with all outputs divided by the temperature that makes it smallest.
///
/// Networks that differ in nothing but how sure they are have the same: barriers depend on the
/// temperature (Theus et al. 2025, section 5), so that both are told.
public struct TemperedLoss: Sendable, Hashable {
  /// The temperature; at most 64, and at least 1/64.
  public var temperature: Double
  /// The mean loss at it.
  public var loss: Double

  /// Makes a result.
  public init(temperature: Double, loss: Double) {
    self.temperature = temperature
    self.loss = loss
  }
}

/// The loss and its first two derivatives by the inverse temperature, summed over examples.
struct TemperedSum: Sendable {
  var loss = 0.0
  var slope = 0.0
  var curvature = 0.0

  static func += (total: inout TemperedSum, part: TemperedSum) {
    total.loss += part.loss
    total.slope += part.slope
    total.curvature += part.curvature
  }

  /// Adds one row of outputs with a label: the mean and the variance of the outputs under the softmax are
  /// the derivatives.
  mutating func add(
    _ outputs: UnsafePointer<Float>, count: Int, label: Int, share: Double, sharpness: Double
  ) {
    var top = -Double.infinity
    for place in 0..<count { top = max(top, Double(outputs[place])) }
    var (sum, first, second) = (0.0, 0.0, 0.0)
    for place in 0..<count {
      let distance = Double(outputs[place]) - top
      let weight = exp(sharpness * distance)
      sum += weight
      first += weight * distance
      second += weight * distance * distance
    }
    let mean = first / sum
    let own = Double(outputs[label]) - top
    loss += share * (log(sum) - sharpness * own)
    slope += share * (mean - own)
    curvature += share * (second / sum - mean * mean)
  }
}

extension Measured {
  /// The loss of some examples with outputs times a factor, and its derivatives by that; nil for another
  /// loss than the cross-entropy of classes.
  func tempered(
    _ outputs: UnsafePointer<Float>, size: Int, examples: Range<Int>, sharpness: Double
  ) -> TemperedSum? {
    guard objective.loss == .crossEntropy else { return nil }
    var total = TemperedSum()
    for (row, example) in examples.enumerated() {
      let own = outputs + row * size
      if let stepTargets {
        stepTargets.each(example, own) { values, _, label, share in
          total.add(
            values, count: stepTargets.classes, label: label, share: share, sharpness: sharpness)
        }
      } else {
        total.add(
          own, count: size, label: Int(dataset.labels[example]), share: 1, sharpness: sharpness)
      }
    }
    return total
  }
}
