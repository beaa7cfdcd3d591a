import Foundation

extension PowerLawFit {
  /// A threshold that was tried.
  public struct Trial: Sendable, Hashable {
    /// The smallest eigenvalue of the tail.
    public var threshold: Double
    /// The exponent above it.
    public var alpha: Double
    /// The distance of the law from the tail.
    public var distance: Double
  }

  /// How far the law is from the tail for thresholds all over the eigenvalues, rising: the curve of which
  /// the fit takes the lowest point.
  ///
  /// - Parameters:
  ///   - eigenvalues: positive, rising.
  ///   - count: how many thresholds at most, evenly spaced by rank.
  /// - Complexity: O(eigenvalues · count).
  public static func trials(_ eigenvalues: [Double], count: Int = 200) -> [Trial] {
    let logarithms = eigenvalues.map { log($0) }
    let last = logarithms.count - 1
    guard last >= 2 else { return [] }
    let step = max(1, last / max(1, count))
    return logarithms.withUnsafeBufferPointer { logarithms in
      stride(from: 0, to: last - 1, by: step).compactMap { index in
        let sum = logarithms[index...].reduce(0) { $0 + $1 - logarithms[index] }
        let alpha = 1 + Double(logarithms.count - index) / sum
        guard alpha.isFinite else { return nil }
        return Trial(
          threshold: eigenvalues[index], alpha: alpha,
          distance: PowerLawScan.distance(logarithms, from: index, alpha: alpha))
      }
    }
  }
}
