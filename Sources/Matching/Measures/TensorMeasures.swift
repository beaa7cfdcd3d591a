public import WeightFiles

/// How far one tensor of two networks is apart, before and after B is permuted.
public struct TensorMeasures: Sendable, Hashable {
  /// The tensor's name in A.
  public var tensor: String
  /// The Euclidean distance, for B as it is and permuted.
  public var l2: (before: Double, after: Double) { (l2Before, l2After) }
  /// The cosine; nil where one tensor is all zero.
  public var cosine: (before: Double?, after: Double?) { (cosineBefore, cosineAfter) }

  private var l2Before: Double
  private var l2After: Double
  private var cosineBefore: Double?
  private var cosineAfter: Double?

  /// Measures every tensor that both networks have with the same shape, by name.
  ///
  /// - Parameters:
  ///   - a: the network that stays.
  ///   - b: the other, under A's names and in A's axis order.
  ///   - permuted: the same, permuted.
  /// - Complexity: O(elements).
  public static func all(_ a: Weights, _ b: Weights, permuted: Weights) -> [TensorMeasures] {
    a.keys.sorted().compactMap { name in
      guard let first = a[name], let before = b[name], let after = permuted[name],
        first.shape == before.shape, first.shape == after.shape
      else { return nil }
      // A permutation leaves the norm alone, up to the order in which it is summed.
      let norms = squareSum(first.values).squareRoot() * squareSum(before.values).squareRoot()
      func cosine(_ other: Tensor) -> Double? {
        norms > 0 ? min(1, max(-1, dotProduct(first.values, other.values) / norms)) : nil
      }
      return TensorMeasures(
        tensor: name, l2Before: squaredDistance(first.values, before.values).squareRoot(),
        l2After: squaredDistance(first.values, after.values).squareRoot(),
        cosineBefore: cosine(before), cosineAfter: cosine(after))
    }
  }
}
