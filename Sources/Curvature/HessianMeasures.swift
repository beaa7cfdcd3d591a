import LinearAlgebra

/// What `HessianMeasures` finds, and how far it goes.
public struct HessianOptions: Sendable, Hashable {
  /// How many of the largest eigenvalues.
  public var top = 5
  /// The residual of an eigenvalue, relative to it, at which it counts as found.
  public var tolerance = 1e-4
  /// How many products eigenvalues may take.
  public var eigenvalueProducts = 400
  /// How the trace is estimated.
  public var trace: TraceEstimate.Method = .hutchPlusPlus
  /// The standard error, relative to the trace, at which its estimate stops.
  public var traceTolerance = 0.02
  /// How many products the trace may take.
  public var traceProducts = 100
  /// The random vectors of the density; no density without any.
  public var densityVectors = 4
  /// The steps of Lanczos's method for each.
  public var densitySteps = 40
  /// Decides all random vectors.
  public var seed: UInt64 = 0

  /// The usual ones.
  public init() {}
}

/// The largest eigenvalues, the trace and the density of eigenvalues of a loss's second derivatives.
public struct HessianMeasures: Sendable, Hashable {
  /// The largest eigenvalues.
  public var top: TopEigenvalues
  /// The trace.
  public var trace: TraceEstimate
  /// The density; nil where it was not asked for.
  public var density: SpectralDensity?

  /// Measures an operator.
  ///
  /// - Throws: what products throw; `badData` where one is not finite.
  public init(of matrix: some SymmetricOperator, options: HessianOptions = HessianOptions()) throws
  {
    let streams = SeededGenerator(seed: options.seed)
    func seed(_ stream: UInt64) -> UInt64 {
      var own = streams.derived(stream)
      return own.next()
    }
    top = try TopEigenvalues(
      of: matrix, count: options.top, tolerance: options.tolerance,
      productLimit: options.eigenvalueProducts, seed: seed(0))
    let isSmall = matrix.dimension <= options.traceProducts
    trace = try TraceEstimate(
      of: matrix, method: isSmall ? .exact : options.trace, tolerance: options.traceTolerance,
      productLimit: options.traceProducts, seed: seed(1))
    density =
      options.densityVectors > 0
      ? try SpectralDensity(
        of: matrix, vectors: options.densityVectors, steps: options.densitySteps, seed: seed(2))
      : nil
  }
}
