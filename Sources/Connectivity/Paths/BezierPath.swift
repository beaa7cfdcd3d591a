public import Tensors

/// A quadratic Bézier curve between two networks: `(1−t)²·a + 2t(1−t)·c + t²·b` with one control
/// point c (Garipov et al. 2018, "Loss Surfaces, Mode Connectivity, and Fast Ensembling of DNNs",
/// section 3.3).
public struct BezierPath: WeightPath {
  /// The network at t = 0.
  public let a: Weights
  /// The control point, which the curve bends towards and does not meet.
  public var control: Weights
  /// The network at t = 1.
  public let b: Weights

  /// Makes a curve; without a control point, the straight line.
  ///
  /// - Precondition: all have the same tensors with the same shapes.
  public init(from a: Weights, to b: Weights, control: Weights? = nil) {
    self.a = a
    self.b = b
    self.control = control ?? LinearPath.point(a, b, at: 0.5)
  }

  /// The networks that the one at a place is made of, with the share of each.
  public func sources(at t: Double) -> [(weights: Weights, share: Double)] {
    [(a, (1 - t) * (1 - t)), (control, 2 * t * (1 - t)), (b, t * t)]
  }
}
