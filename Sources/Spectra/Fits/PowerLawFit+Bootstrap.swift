import Foundation
public import LinearAlgebra

/// How far a fitted power law can be trusted.
public struct PowerLawConfidence: Sendable, Hashable {
  /// The middle 95 % of the exponents of resampled spectra.
  public var interval: ClosedRange<Double>
  /// The share of spectra drawn from the law that are farther from their own fit than the data are
  /// from theirs. Below 0.1, the spectrum does not follow a power law.
  public var goodness: Double
  /// How many spectra of each kind were drawn.
  public var replicates: Int
}

extension PowerLawFit {
  /// Measures how far the fit can be trusted, by Clauset, Shalizi and Newman's (2009) semiparametric
  /// test, and by the bootstrap for α. The threshold is searched anew in every replicate.
  ///
  /// - Parameters:
  ///   - eigenvalues: those that the law was fitted to, rising.
  ///   - replicates: how many spectra of each kind are drawn.
  ///   - generator: the source of chance.
  /// - Returns: nil where there are no replicates.
  /// - Complexity: that of the fit, 2·replicates times, and sorting.
  public func confidence(
    over eigenvalues: [Double], replicates: Int, generator: SeededGenerator
  ) -> PowerLawConfidence? {
    guard replicates > 0, eigenvalues.count >= 2, alpha > 1 else { return nil }
    let logarithms = eigenvalues.map { log($0) }
    let count = logarithms.count
    let bodyCount = count - tailCount
    let origin = log(threshold)
    var alphas: [Double] = []
    var farther = 0
    for replicate in 0..<replicates {
      var chance = generator.derived(UInt64(replicate))
      var times = Array(repeating: 0, count: count)
      for _ in 0..<count { times[chance.integer(below: count)] += 1 }
      let resampled = times.indices.flatMap { Array(repeating: logarithms[$0], count: times[$0]) }
      if let best = PowerLawScan.best(resampled), best.alpha.isFinite { alphas.append(best.alpha) }

      var drawn = (0..<count).map { _ in
        chance.integer(below: count) < bodyCount
          ? logarithms[chance.integer(below: bodyCount)]
          : origin - log1p(-chance.uniform()) / (alpha - 1)
      }
      drawn.sort()
      if let best = PowerLawScan.best(drawn), best.distance >= distance { farther += 1 }
    }
    alphas.sort()
    guard let low = alphas.sortedQuantile(0.025), let high = alphas.sortedQuantile(0.975) else {
      return nil
    }
    return PowerLawConfidence(
      interval: low...high, goodness: Double(farther) / Double(replicates), replicates: replicates)
  }
}
