import Foundation

/// The spectrum of one layer and what is measured of it.
///
/// Eigenvalues are those of WᵀW, the squares of the singular values, of all of the layer's matrices
/// together; logarithms are to the base of 10.
public struct LayerSpectrum: Sendable, Hashable {
  /// Which matrices.
  public var layer: SpectralLayer
  /// The eigenvalues, rising.
  public var eigenvalues: [Double]
  /// The power law of the tail; nil where there are too few eigenvalues.
  public var powerLaw: PowerLawFit?
  /// How far that can be trusted; nil where it was not asked for.
  public var confidence: PowerLawConfidence?
  /// The exponent by Hill's estimator over the upper half.
  public var hillAlpha: Double?
  /// The same over square windows of the matrix, which takes the bias of its shape away; nil where it
  /// was not asked for.
  public var fixedAspectAlpha: Double?
  /// The sum of the eigenvalues: the squared Frobenius norm.
  public var norm: Double
  /// The largest eigenvalue: the squared spectral norm.
  public var largest: Double
  /// The smallest singular value.
  public var smallestSingularValue: Double
  /// The sum over the largest eigenvalue.
  public var stableRank: Double
  /// How many singular values are above rounding: above σmax·N·2⁻²³ of their matrix.
  public var rank: Int
  /// The entropy of the eigenvalues as shares, over the logarithm of the rank; 1 where all are equal.
  public var entropy: Double
  /// `log₁₀ Σ λ^α`.
  public var logAlphaNorm: Double?
  /// What of it noise would have as well.
  public var noise: NoiseBulk?
  /// The shuffled matrix's spectrum; nil where it was not asked for.
  public var shuffled: ShuffledSpectrum?
  /// The localisation of singular vectors; nil where it was not asked for.
  public var vectors: VectorLocalization?

  /// `α·log₁₀ λmax`.
  public var weightedAlpha: Double? { powerLaw.map { $0.alpha * log10(largest) } }

  /// Everything measured, by name, in the order of tables: what a zoo's index keeps. Numbers that do
  /// not exist are left out, and those that are not finite.
  public var metrics: [(name: String, value: Double)] {
    measures.compactMap { name, value in
      guard let value, value.isFinite else { return nil }
      return (name, value)
    }
  }

  /// Everything that was asked for, by name, in the order of tables; nil where a number does not exist.
  public var measures: [(name: String, value: Double?)] {
    var all: [(String, Double?)] = [
      ("alpha", powerLaw?.alpha), ("alphaWeighted", weightedAlpha), ("D", powerLaw?.distance),
      ("xmin", powerLaw?.threshold), ("sigma", powerLaw?.standardError),
      ("tailEigenvalues", powerLaw.map { Double($0.tailCount) }),
      ("hillAlpha", hillAlpha), ("lambdaMax", largest),
      ("singularMin", smallestSingularValue), ("norm", norm), ("logNorm", log10(norm)),
      ("logSpectralNorm", log10(largest)), ("logAlphaNorm", logAlphaNorm),
      ("stableRank", stableRank), ("rank", Double(rank)),
      ("rankLoss", Double(eigenvalues.count - rank)), ("entropy", entropy),
      ("noiseSigma", noise?.sigma), ("bulkEdge", noise?.upperEdge),
      ("spikes", noise.map { Double($0.spikes) }), ("softRank", noise?.softRank),
      ("optimalRank", noise.map { Double($0.optimalRank) }),
    ]
    if let confidence {
      all += [
        ("alphaLow", confidence.interval.lowerBound), ("alphaHigh", confidence.interval.upperBound),
        ("goodnessOfFit", confidence.goodness),
      ]
    }
    if let fixedAspectAlpha { all.append(("fixedAspectAlpha", fixedAspectAlpha)) }
    if let shuffled {
      all += [
        ("shuffledLambdaMax", shuffled.largest), ("shuffledDistance", shuffled.distance),
        ("traps", Double(shuffled.traps)),
      ]
    }
    if let vectors {
      all += [
        ("tailParticipation", vectors.tailParticipation),
        ("bulkParticipation", vectors.bulkParticipation),
        ("tailLocalization", vectors.tailLocalization),
        ("bulkLocalization", vectors.bulkLocalization),
      ]
    }
    return all
  }
}
