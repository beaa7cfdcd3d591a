import Foundation
import Synchronization

/// The law of the eigenvalues of WᵀW for a matrix W of independent elements of variance v, N rows and
/// M ≤ N columns: V. A. Marchenko and L. A. Pastur, 1967.
///
/// Lengths are those of eigenvalues divided by N·v, so that their mean is 1.
public struct MarchenkoPastur: Sendable, Hashable {
  /// M/N, above 0 and at most 1.
  public let ratio: Double

  /// The law for a matrix with those sides.
  public init(longSide: Int, shortSide: Int) {
    precondition(shortSide > 0 && longSide >= shortSide, "a matrix has sides")
    ratio = Double(shortSide) / Double(longSide)
  }

  /// The lower edge of the bulk, (1 − √β)².
  public var lowerEdge: Double { (1 - ratio.squareRoot()) * (1 - ratio.squareRoot()) }
  /// The upper edge of the bulk, (1 + √β)².
  public var upperEdge: Double { (1 + ratio.squareRoot()) * (1 + ratio.squareRoot()) }

  /// The share of eigenvalues below x, by the midpoint rule over an angle that removes both edges'
  /// singularities.
  ///
  /// - Complexity: O(1): 512 points.
  public func distribution(_ x: Double) -> Double {
    guard x > lowerEdge else { return 0 }
    guard x < upperEdge else { return 1 }
    // λ = 1 + β − 2√β·cos θ: the density over θ is 2·sin²θ / (π·λ).
    let root = ratio.squareRoot()
    let end = acos(min(1, max(-1, (1 + ratio - x) / (2 * root))))
    let points = 512
    let step = end / Double(points)
    return (0..<points).reduce(0) { sum, point in
      let angle = (Double(point) + 0.5) * step
      let sine = sin(angle)
      return sum + step * 2 * sine * sine / (.pi * (1 + ratio - 2 * root * cos(angle)))
    }
  }

  /// The density at a point between the edges.
  private func density(_ x: Double) -> Double {
    (max(0, upperEdge - x) * max(0, x - lowerEdge)).squareRoot() / (2 * .pi * ratio * x)
  }

  /// The medians that were computed, by ratio: the models of a zoo have few shapes.
  private static let medians = Mutex<[Double: Double]>([:])
  /// More ratios than this are not kept.
  private static let mostMedians = 4096

  /// The median of the eigenvalues.
  ///
  /// - Complexity: some sums of 512 points, once a ratio.
  public var median: Double {
    if let known = Self.medians.withLock({ $0[ratio] }) { return known }
    let found = computedMedian
    Self.medians.withLock { if $0.count < Self.mostMedians { $0[ratio] = found } }
    return found
  }

  /// By Newton's method kept inside a bracket.
  private var computedMedian: Double {
    var (low, high) = (lowerEdge, upperEdge)
    var x = (low + high) / 2
    for _ in 0..<60 where low < high {
      let excess = distribution(x) - 0.5
      if excess < 0 { low = x } else { high = x }
      let slope = density(x)
      let next = slope > 0 ? x - excess / slope : .nan
      let isInside = next > low && next < high
      let step = (isInside ? next : (low + high) / 2) - x
      x += step
      if abs(step) <= 4 * x.ulp { break }
    }
    return x
  }

  /// How far above the edge the largest eigenvalue of random elements may lie: the quantile of 99.9 %
  /// of the Tracy–Widom law (3.27) in its scale, (√N + √M)·(1/√N + 1/√M)^⅓ / N.
  public static func edgeAllowance(longSide: Int, shortSide: Int) -> Double {
    let (long, short) = (Double(longSide).squareRoot(), Double(shortSide).squareRoot())
    return 3.27 * (long + short) * cbrt(1 / long + 1 / short) / Double(longSide)
  }
}
