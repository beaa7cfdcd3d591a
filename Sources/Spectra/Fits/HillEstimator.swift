import Foundation

/// The exponent of the tail by Hill's estimator over the upper half of the eigenvalues: no search, so
/// it is steadier than a fit with a threshold, and biased where the tail begins elsewhere.
///
/// B. M. Hill, Annals of Statistics 3(5), 1975; as used for weights by Zhou et al., "Temperature
/// Balancing, Layer-wise Weight Analysis, and Neural Network Training", NeurIPS 2023.
public enum HillEstimator {
  /// `1 + k / Σ ln(λ_i / λ_k)` over the k = n/2 largest; nil for fewer than two different ones.
  ///
  /// - Parameter eigenvalues: positive, rising.
  /// - Complexity: O(n).
  public static func alpha(_ eigenvalues: [Double]) -> Double? {
    let count = eigenvalues.count / 2
    guard count >= 1 else { return nil }
    let origin = log(eigenvalues[eigenvalues.count - count - 1])
    let sum = eigenvalues.suffix(count).reduce(0) { $0 + log($1) - origin }
    return sum > 0 ? 1 + Double(count) / sum : nil
  }
}
