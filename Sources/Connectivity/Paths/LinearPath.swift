public import Tensors

/// The straight line between two networks in the space of their weights.
public struct LinearPath: WeightPath {
  /// The network at t = 0.
  public let a: Weights
  /// The network at t = 1.
  public let b: Weights

  /// Makes the line between two networks.
  ///
  /// - Precondition: both have the same tensors with the same shapes.
  public init(from a: Weights, to b: Weights) {
    self.a = a
    self.b = b
  }

  /// The networks that the one at a place is made of, with the share of each.
  public func sources(at t: Double) -> [(weights: Weights, share: Double)] {
    [(a, 1 - t), (b, t)]
  }

  /// The network at one place of the line: `(1−t)·a + t·b`, every tensor, computed in Float64 and
  /// rounded once. The ends are `a` and `b` themselves, bit for bit.
  ///
  /// - Precondition: both have the same tensors with the same shapes.
  /// - Complexity: O(parameters).
  public static func point(_ a: Weights, _ b: Weights, at t: Double) -> Weights {
    LinearPath(from: a, to: b).network(at: t)
  }
}
