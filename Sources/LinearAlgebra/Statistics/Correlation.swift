import Foundation

/// A coefficient of correlation with an interval.
public struct Correlation: Sendable, Hashable {
  /// From −1 to 1.
  public let coefficient: Double
  /// The ends of the interval that holds the coefficient of the population with a probability of 95 %
  /// where the pairs are independent; nil for three pairs or fewer.
  public let interval: ClosedRange<Double>?
  /// How many pairs it is of.
  public let count: Int

  /// Pearson's coefficient, with Fisher's interval: the inverse hyperbolic tangent of the coefficient has a
  /// standard error of 1/√(n − 3) (R. A. Fisher, "On the 'probable error' of a coefficient of correlation
  /// deduced from a small sample", Metron 1, 1921). It is exact for normal pairs.
  ///
  /// - Parameters:
  ///   - left: finite numbers.
  ///   - right: as many.
  /// - Returns: nil where there are fewer than two pairs, or one list does not vary.
  /// - Complexity: O(n).
  public static func pearson(_ left: [Double], _ right: [Double]) -> Correlation? {
    guard let coefficient = coefficient(left, right) else { return nil }
    return Correlation(coefficient, count: left.count, squaredError: 1)
  }

  /// Spearman's coefficient, of ranks, with the interval of D. G. Bonett and T. A. Wright, "Sample size
  /// requirements for estimating Pearson, Kendall and Spearman correlations", Psychometrika 65, 2000: the
  /// standard error is √((1 + r²/2)/(n − 3)).
  ///
  /// - Parameters:
  ///   - left: finite numbers.
  ///   - right: as many.
  /// - Returns: nil where there are fewer than two pairs, or one list does not vary.
  /// - Complexity: O(n log n).
  public static func spearman(_ left: [Double], _ right: [Double]) -> Correlation? {
    guard
      let coefficient = coefficient(RankCorrelation.ranks(left), RankCorrelation.ranks(right))
    else { return nil }
    return Correlation(
      coefficient, count: left.count, squaredError: 1 + coefficient * coefficient / 2)
  }

  private init(_ coefficient: Double, count: Int, squaredError: Double) {
    self.coefficient = coefficient
    self.count = count
    guard count > 3 else {
      interval = nil
      return
    }
    // The quantile of the normal distribution that 2.5 % are above.
    let half = 1.959963984540054 * (squaredError / Double(count - 3)).squareRoot()
    let middle = atanh(coefficient)
    interval = tanh(middle - half)...tanh(middle + half)
  }

  private static func coefficient(_ left: [Double], _ right: [Double]) -> Double? {
    precondition(left.count == right.count, "both lists have one length")
    guard left.count > 1, let a = standardised(left), let b = standardised(right) else {
      return nil
    }
    let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    return min(1, max(-1, product))
  }

  /// The deviations from the mean, of length 1 together; nil where there are none.
  private static func standardised(_ values: [Double]) -> [Double]? {
    // Squares of very large or very small numbers are none.
    let largest = values.reduce(0) { max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return nil }
    guard values.contains(where: { $0 != values[0] }) else { return nil }
    let scaled = values.map { $0 / largest }
    let mean = scaled.reduce(0, +) / Double(values.count)
    let deviations = scaled.map { $0 - mean }
    let length = deviations.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? deviations.map { $0 / length } : nil
  }
}
