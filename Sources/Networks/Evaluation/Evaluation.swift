import Foundation

/// How well a network does on a data set.
public struct Evaluation: Sendable, Hashable {
  /// The mean loss: the cross-entropy in nats, unless the objective is another.
  public var loss: Double
  /// The fraction of examples that are answered right; NaN where the objective has no right answers.
  public var accuracy: Double
  /// The number of examples.
  public var count: Int

  /// Makes a result.
  public init(loss: Double, accuracy: Double, count: Int) {
    self.loss = loss
    self.accuracy = accuracy
    self.count = count
  }
}

/// A loss summed over the examples of a batch, and how many were right.
package struct LossSum: Sendable {
  var loss = 0.0
  /// How many were right; NaN where nothing is.
  var correct = 0.0

  static func += (total: inout LossSum, part: LossSum) {
    total.loss += part.loss
    total.correct += part.correct
  }

  /// The means over `count` examples. Shares of steps may sum to a rounding above their number.
  func evaluation(count: Int) -> Evaluation {
    let scale = 1 / Double(max(1, count))
    let accuracy = correct * scale
    return Evaluation(loss: loss * scale, accuracy: accuracy > 1 ? 1 : accuracy, count: count)
  }
}
