/// A function of the elements of several inputs that stand in the same place, beside the sum and the
/// product.
public enum Elementwise: String, Sendable, Hashable {
  case average
  case maximum
  case minimum
  /// The first less the second.
  case subtract

  /// Whether the order of the inputs does not matter.
  public var isSymmetric: Bool { self != .subtract }
}
