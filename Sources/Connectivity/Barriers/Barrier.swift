/// How far a path rises over the straight line between the values at its ends.
///
/// `loss` is Frankle et al.'s error barrier (2020): max over t of
/// `L(t) − ((1−t)·L(0) + t·L(1))`. Without a rise it is 0, at t = 0: the ends themselves are on
/// the line.
public struct Barrier: Sendable, Hashable {
  /// The largest excess of the loss over the line.
  public var loss: Double
  /// The largest shortfall of the accuracy under its own line; NaN where one was not measured.
  public var accuracy: Double
  /// The place of the largest excess of the loss.
  public var at: Double
}

extension Curve {
  /// The barrier over the points that were measured. A point that is not finite is an infinite
  /// excess: a path through it does not connect.
  ///
  /// - Complexity: O(points).
  public var barrier: Barrier {
    var barrier = Barrier(loss: 0, accuracy: 0, at: 0)
    guard let first = points.first, let last = points.last else { return barrier }
    for point in points {
      func line(_ value: (Point) -> Double) -> Double {
        (1 - point.t) * value(first) + point.t * value(last)
      }
      let excess = point.loss - line(\.loss)
      let rise = excess.isNaN ? .infinity : excess
      if rise > barrier.loss {
        barrier.loss = rise
        barrier.at = point.t
      }
      let shortfall = line(\.accuracy) - point.accuracy
      if shortfall.isNaN || shortfall > barrier.accuracy { barrier.accuracy = shortfall }
    }
    return barrier
  }
}
