import Support
public import Tensors

/// How far two networks' weights, or parts of them, are apart.
public struct PairMeasures: Sendable, Hashable {
  private var square = 0.0
  private var inner = 0.0
  private var squareA = 0.0
  private var squareB = 0.0

  /// The Euclidean distance.
  public var l2: Double { square.squareRoot() }
  /// The cosine of the angle; nil where one network's weights are all zero.
  public var cosine: Double? {
    let norms = squareA.squareRoot() * squareB.squareRoot()
    return norms > 0 ? min(1, max(-1, inner / norms)) : nil
  }

  /// Measures nothing: what parts are added to.
  public init() {}

  /// Measures two networks in Float64, over all tensors that both have with the same shape.
  ///
  /// - Complexity: O(elements).
  public init(_ a: Weights, _ b: Weights) {
    for name in a.keys.sorted() {
      guard let first = a[name], let second = b[name], first.shape == second.shape else { continue }
      self += PairMeasures(first.values, second.values)
    }
  }

  /// Measures as many elements of both.
  init(_ a: [Float], _ b: [Float]) {
    square = squaredDistance(a, b)
    inner = dotProduct(a, b)
    squareA = squareSum(a)
    squareB = squareSum(b)
  }

  /// Adds other parts of the two networks.
  public static func += (sum: inout PairMeasures, part: PairMeasures) {
    sum.square += part.square
    sum.inner += part.inner
    sum.squareA += part.squareA
    sum.squareB += part.squareB
  }
}
