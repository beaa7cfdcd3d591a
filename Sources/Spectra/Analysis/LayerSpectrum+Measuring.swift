import Foundation
import LinearAlgebra

extension LayerSpectrum {
  /// Measures what singular values alone tell.
  ///
  /// - Parameter slices: the singular values of each matrix, falling.
  init(_ layer: SpectralLayer, slices: [[Double]], options: SpectrumOptions) {
    self.layer = layer
    var rank = 0
    // What Float32 rounding, or that of a Gram matrix in Float32, could have made.
    let resolution = options.precision == .double ? 0 : 3e-3
    let rounding = max(Double(layer.longSide) * 0x1p-23, resolution)
    for values in slices {
      let floor = (values.first ?? 0) * rounding
      rank += values.count { $0 > floor }
    }
    self.rank = rank
    let eigenvalues = slices.joined().map { $0 * $0 }.sorted()
    self.eigenvalues = eigenvalues
    let norm = eigenvalues.reduce(0, +)
    self.norm = norm
    largest = eigenvalues.last ?? 0
    smallestSingularValue = slices.compactMap(\.last).min() ?? 0
    stableRank = norm / largest
    entropy = Self.entropy(eigenvalues, norm: norm, rank: rank)
    let positive = Self.resolved(eigenvalues, options.precision)
    powerLaw = PowerLawFit(positive)
    confidence = powerLaw?.confidence(
      over: positive, replicates: options.replicates,
      generator: options.generator(for: layer.name).derived(0))
    hillAlpha = HillEstimator.alpha(positive)
    logAlphaNorm = powerLaw.map { fit in
      // By the largest, so that no power overflows.
      let top = log10(largest)
      let sum = positive.reduce(0) { $0 + pow($1 / (positive.last ?? 1), fit.alpha) }
      return fit.alpha * top + log10(sum)
    }
    if case .product = layer.source {
      // A product's rank is bounded: its few values are no bulk.
      noise = nil
    } else {
      noise = NoiseBulk(eigenvalues, longSide: layer.longSide, shortSide: layer.shortSide)
    }
  }

  /// The eigenvalues that are no rounding, rising.
  static func resolved(
    _ eigenvalues: [Double], _ precision: SingularValues.Precision
  ) -> [Double] {
    let floor = (eigenvalues.last ?? 0) * (precision == .double ? 1e-12 : 1e-5)
    return eigenvalues.filter { $0 > floor }
  }

  private static func entropy(_ eigenvalues: [Double], norm: Double, rank: Int) -> Double {
    guard rank > 1, norm > 0 else { return 0 }
    let sum = eigenvalues.reduce(0) { sum, value in
      let share = value / norm
      return share > 0 ? sum - share * log(share) : sum
    }
    return sum / log(Double(rank))
  }
}
