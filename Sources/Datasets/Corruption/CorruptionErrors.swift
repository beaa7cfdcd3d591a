import LinearAlgebra

/// How often a network errs on clean and on corrupted images, and the benchmark's means of it.
public struct CorruptionErrors: Sendable, Hashable {
  /// The share of clean images that are classified wrong.
  public var clean: Double
  /// The same for each kind of corruption, one number a severity.
  public var corrupted: [Corruption.Kind: [Double]]

  /// Gathers what was measured.
  public init(clean: Double, corrupted: [Corruption.Kind: [Double]]) {
    self.clean = clean
    self.corrupted = corrupted
  }

  /// The kinds over which means are taken: the fifteen of the benchmark where all of them were
  /// measured, else those that were.
  public var kindsInMean: [Corruption.Kind] {
    let benchmark = Corruption.Kind.benchmark
    if benchmark.allSatisfy({ corrupted[$0] != nil }) { return benchmark }
    return Corruption.Kind.allCases.filter { corrupted[$0] != nil }
  }

  /// The mean error over the severities of a kind; nil where it was not measured.
  public func error(_ kind: Corruption.Kind) -> Double? {
    corrupted[kind]?.mean
  }

  /// The mean corruption error as it is reported for CIFAR-10-C: the plain mean over kinds and
  /// severities. Nil without any corruption.
  public var mean: Double? {
    kindsInMean.compactMap(error).mean
  }

  /// The mean corruption error as it is reported for ImageNet-C: each kind's error is divided by that
  /// of a reference network before the mean is taken (Hendrycks and Dietterich 2019, section 3).
  ///
  /// - Parameter isRelative: whether what the networks err on clean images is taken off first.
  /// - Returns: nil where a kind is missing, or the reference makes no (further) error on one.
  public func mean(dividedBy reference: CorruptionErrors, isRelative: Bool = false) -> Double? {
    let kinds = kindsInMean
    var sum = 0.0
    for kind in kinds {
      guard let own = error(kind), let other = reference.error(kind) else { return nil }
      let divisor = other - (isRelative ? reference.clean : 0)
      guard divisor > 0 else { return nil }
      sum += (own - (isRelative ? clean : 0)) / divisor
    }
    return kinds.isEmpty ? nil : sum / Double(kinds.count)
  }
}
