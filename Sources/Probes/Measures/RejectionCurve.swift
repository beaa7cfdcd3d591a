/// How well the distance from the nearest tree tells models of unknown trees from those of known ones:
/// the receiver operating characteristic of rejection.
public struct RejectionCurve: Sendable, Hashable {
  /// What is right and wrong where models from a distance on are rejected.
  public struct Point: Sendable, Hashable {
    /// The least distance that is rejected, in radii of the nearest tree; infinite where none is.
    public var threshold: Double
    /// The share of the models of known trees that are rejected.
    public var falsePositiveRate: Double
    /// The share of the models of unknown trees that are rejected.
    public var truePositiveRate: Double
  }

  /// The corners of the curve, from (0, 0) to (1, 1).
  public let points: [Point]
  /// The area under the curve: the chance that a model of an unknown tree lies farther off than one of a
  /// known tree, where equal distances count half.
  public let area: Double
  /// What is right and wrong at the radius itself: beyond it a model is called unknown.
  public let atRadius: Point
  /// How many models are of known trees.
  public let knownCount: Int
  /// How many are of unknown ones.
  public let unknownCount: Int

  /// Computes the curve.
  ///
  /// - Parameters:
  ///   - known: distances of models of known trees, in radii of the nearest tree.
  ///   - unknown: those of models of unknown trees.
  /// - Returns: nil where a side has no model, or a distance is not a number.
  /// - Complexity: O(models · log models).
  public init?(known: [Double], unknown: [Double]) {
    guard !known.isEmpty, !unknown.isEmpty, !(known + unknown).contains(where: \.isNaN) else {
      return nil
    }
    (knownCount, unknownCount) = (known.count, unknown.count)
    let sorted =
      (known.map { (distance: $0, isKnown: true) }
      + unknown.map { (distance: $0, isKnown: false) })
      .sorted { $0.distance > $1.distance }
    var points = [Point(threshold: .infinity, falsePositiveRate: 0, truePositiveRate: 0)]
    var (wrong, right, area) = (0, 0, 0.0)
    var next = 0
    while next < sorted.count {
      let threshold = sorted[next].distance
      let (oldWrong, oldRight) = (wrong, right)
      while next < sorted.count, sorted[next].distance == threshold {
        if sorted[next].isKnown { wrong += 1 } else { right += 1 }
        next += 1
      }
      area += Double(wrong - oldWrong) * Double(right + oldRight) / 2
      let point = Point(
        threshold: threshold, falsePositiveRate: Double(wrong) / Double(known.count),
        truePositiveRate: Double(right) / Double(unknown.count))
      // On a straight run only its ends are kept.
      if let last = points.last, points.count > 1 {
        let before = points[points.count - 2]
        let isUpright =
          before.falsePositiveRate == last.falsePositiveRate
          && last.falsePositiveRate == point.falsePositiveRate
        let isLevel =
          before.truePositiveRate == last.truePositiveRate
          && last.truePositiveRate == point.truePositiveRate
        if isUpright || isLevel { points.removeLast() }
      }
      points.append(point)
    }
    self.points = points
    self.area = area / (Double(known.count) * Double(unknown.count))
    atRadius = Point(
      threshold: 1,
      falsePositiveRate: Double(known.count { $0 > 1 }) / Double(known.count),
      truePositiveRate: Double(unknown.count { $0 > 1 }) / Double(unknown.count))
  }
}
