/// The loss and the accuracy along a path between two networks.
public struct Curve: Sendable, Hashable {
  /// What was measured at one place of the path.
  public struct Point: Sendable, Hashable {
    /// The place: 0 is the first network, 1 the second.
    public var t: Double
    /// The mean loss.
    public var loss: Double
    /// The fraction of examples that are classified right.
    public var accuracy: Double

    /// Makes a point.
    public init(t: Double, loss: Double, accuracy: Double) {
      self.t = t
      self.loss = loss
      self.accuracy = accuracy
    }
  }

  /// The name of the path: `naive`, `matched`, `matched+reset`.
  public var name: String
  /// The points, from t = 0 to t = 1.
  public var points: [Point]

  /// Makes a curve.
  public init(name: String, points: [Point]) {
    self.name = name
    self.points = points
  }
}
