import Foundation

/// A power law p(λ) ∝ λ^−α above a threshold, fitted to eigenvalues: Clauset, Shalizi and Newman,
/// "Power-law distributions in empirical data", SIAM Review 51(4), 2009.
///
/// Every eigenvalue is tried as the threshold. For each, α is the maximum of the likelihood, and the
/// threshold is the one whose law is nearest to the tail by the distance of Kolmogorov and Smirnov.
public struct PowerLawFit: Sendable, Hashable {
  /// The exponent α of the density.
  public var alpha: Double
  /// The threshold: the smallest eigenvalue of the tail.
  public var threshold: Double
  /// The largest eigenvalue.
  public var maximum: Double
  /// The distance of the law from the tail, 0 to 1.
  public var distance: Double
  /// The standard error of α, (α − 1)/√n for n eigenvalues in the tail.
  public var standardError: Double
  /// How many eigenvalues are in the tail.
  public var tailCount: Int

  /// Makes a fit.
  public init(
    alpha: Double, threshold: Double, maximum: Double, distance: Double, standardError: Double,
    tailCount: Int
  ) {
    self.alpha = alpha
    self.threshold = threshold
    self.maximum = maximum
    self.distance = distance
    self.standardError = standardError
    self.tailCount = tailCount
  }

  /// Fits the law to positive eigenvalues, rising; nil for fewer than two different ones.
  ///
  /// - Complexity: O(n²) at worst; most thresholds are given up after a few points of the tail.
  public init?(_ eigenvalues: [Double]) {
    let logarithms = eigenvalues.map { log($0) }
    guard let best = PowerLawScan.best(logarithms), best.alpha.isFinite else { return nil }
    let count = Double(eigenvalues.count - best.index)
    self.init(
      alpha: best.alpha, threshold: eigenvalues[best.index], maximum: eigenvalues.last ?? .nan,
      distance: best.distance, standardError: (best.alpha - 1) / count.squareRoot(),
      tailCount: eigenvalues.count - best.index)
  }
}
