/// The barrier of a path by each of the published definitions, signed: a path that runs below what
/// it is compared with has a negative barrier. Nil is "not measured", never "none".
///
/// The definitions differ where the ends' losses differ, so that figures of different papers can
/// only be compared with the same one.
public struct Barriers: Sendable, Hashable {
  /// Frankle et al. 2020, Lubana et al. 2023 and C2M3: the largest `L(t) − ((1−t)·L(0) + t·L(1))`
  /// between the ends.
  public var overLine: Double?
  /// Ainsworth, Hayase and Srinivasa 2023: the largest `L(t)` between the ends less
  /// `½(L(0) + L(1))`.
  public var overMean: Double?
  /// Ito, Yamada and Kumagai 2025: `L(½) − ½(L(0) + L(1))`.
  public var atMiddle: Double?
  /// Yang et al. 2021, "Taxonomizing local versus global structure": mode connectivity,
  /// `½(L(0) + L(1)) − L(t*)`, where t* is the place that is farthest from the mean of the ends,
  /// above or below. Below 0 is a barrier; above 0 the ends are trained badly.
  public var modeConnectivity: Double?

  /// The barriers of a quantity that is better where it is smaller.
  ///
  /// A point that is not finite is an infinite barrier.
  ///
  /// - Complexity: O(points).
  public init(_ points: [(t: Double, value: Double)]) {
    guard points.count > 2, let first = points.first, let last = points.last else { return }
    let mean = (first.value + last.value) / 2
    let inner = points.dropFirst().dropLast()
    func rise(_ excess: Double) -> Double { excess.isNaN ? .infinity : excess }
    overLine = inner.map { rise($0.value - ((1 - $0.t) * first.value + $0.t * last.value)) }.max()
    overMean = inner.map { rise($0.value - mean) }.max()
    atMiddle = points.first { abs($0.t - 0.5) < 1e-9 }.map { rise($0.value - mean) }
    let farthest = points.map { rise($0.value - mean) }.max { abs($0) < abs($1) }
    modeConnectivity = farthest.map { -$0 }
  }
}

extension Curve {
  /// The barriers of the loss, in nats.
  public var lossBarriers: Barriers { Barriers(points.map { ($0.t, $0.loss) }) }

  /// The barriers of the error, the share of examples that are classified wrong.
  public var errorBarriers: Barriers { Barriers(points.map { ($0.t, 1 - $0.accuracy) }) }
}
