public import WeightFiles
import WorkbenchCore

/// How far two networks' weights are apart, over all tensors that both have with the same shape.
public struct PairMeasures: Sendable, Hashable {
  /// The Euclidean distance.
  public var l2: Double
  /// The cosine of the angle; nil where one network's weights are all zero.
  public var cosine: Double?

  /// Measures two networks in Float64.
  ///
  /// - Complexity: O(elements).
  public init(_ a: Weights, _ b: Weights) {
    var square = 0.0
    var inner = 0.0
    var (squareA, squareB) = (0.0, 0.0)
    for name in a.keys.sorted() {
      guard let first = a[name], let second = b[name], first.shape == second.shape else { continue }
      square += squaredDistance(first.values, second.values)
      inner += dotProduct(first.values, second.values)
      squareA += squareSum(first.values)
      squareB += squareSum(second.values)
    }
    l2 = square.squareRoot()
    let norms = squareA.squareRoot() * squareB.squareRoot()
    cosine = norms > 0 ? min(1, max(-1, inner / norms)) : nil
  }
}
