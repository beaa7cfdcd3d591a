import Foundation
import LinearAlgebra

/// What of a spectrum a matrix of noise would have as well, and what stands above it.
///
/// The noise's variance is the one whose law has the spectrum's median: spikes and a heavy tail hardly
/// move it, and nothing is searched.
public struct NoiseBulk: Sendable, Hashable {
  /// The standard deviation of the noise, an element's.
  public var sigma: Double
  /// The lower edge of the bulk of eigenvalues.
  public var lowerEdge: Double
  /// The upper edge.
  public var upperEdge: Double
  /// How many eigenvalues lie above the edge by more than noise would.
  public var spikes: Int
  /// The upper edge over the largest eigenvalue: 1 for noise, near 0 for strong correlations.
  public var softRank: Double
  /// How many singular values lie above the best hard threshold for unknown noise: M. Gavish and D. L.
  /// Donoho, "The Optimal Hard Threshold for Singular Values is 4/√3", IEEE Trans. Inf. Theory 60(8),
  /// 2014.
  public var optimalRank: Int

  /// Measures eigenvalues, rising, of one matrix or of several with the same sides; nil where the
  /// median is zero.
  ///
  /// - Complexity: O(n), and O(1) for the law's median.
  public init?(_ eigenvalues: [Double], longSide: Int, shortSide: Int) {
    guard let median = eigenvalues.sortedQuantile(0.5), let largest = eigenvalues.last, median > 0,
      shortSide > 0
    else { return nil }
    let law = MarchenkoPastur(longSide: longSide, shortSide: shortSide)
    let lawMedian = law.median
    let scale = median / lawMedian
    sigma = (scale / Double(longSide)).squareRoot()
    lowerEdge = scale * law.lowerEdge
    upperEdge = scale * law.upperEdge
    let allowance = MarchenkoPastur.edgeAllowance(longSide: longSide, shortSide: shortSide)
    let limit = scale * (law.upperEdge + allowance)
    spikes = eigenvalues.count { $0 > limit }
    softRank = upperEdge / largest
    let ratio = law.ratio
    let threshold =
      2 * (ratio + 1) + 8 * ratio
      / ((ratio + 1) + (ratio * ratio + 14 * ratio + 1).squareRoot())
    optimalRank = eigenvalues.count { $0 > threshold * scale }
  }
}
