public import Networks
public import Tensors

/// What is done to averaged weights before they are measured or written.
///
/// Averaging shrinks the variance of what units compute, layer after layer, and that, not only the
/// loss landscape, makes the barrier between two networks (Jordan et al. 2023, "REPAIR"). A repair
/// is applied at every place of a path, the ends too, so that the curve is that of one rule and has
/// no jumps: `reset` gives an end the statistics of the examples that are measured on in place of
/// those that were stored; `repair` and `rescale` leave the ends as they are.
public enum Repair: Sendable {
  /// The names of the repairs, and none.
  public enum Method: String, Sendable, CaseIterable {
    /// Averaged weights as they are.
    case none
    /// Batch normalisation's running statistics are measured anew on data.
    case reset
    /// Every hidden unit gets the mean and the standard deviation on data that it had on average.
    case repair
    /// Every channel's weights get the mean of the norms they had; needs no data.
    case rescale
  }

  /// Measures running statistics anew.
  case reset(BatchStatistics)
  /// Restores the statistics of hidden units.
  case repair(ActivationRepair)
  /// Restores the norms of channels.
  case rescale(NormRescaling)

  /// The name.
  public var method: Method {
    switch self {
    case .reset: .reset
    case .repair: .repair
    case .rescale: .rescale
    }
  }

  /// Repairs averaged weights.
  ///
  /// - Parameters:
  ///   - mixed: the average, `Σ share · weights`.
  ///   - sources: the networks it is made of, with the share of each.
  /// - Throws: `Diagnostic` where a tensor is missing or has the wrong shape.
  public func repaired(
    _ mixed: Weights, of sources: [(weights: Weights, share: Double)]
  ) throws -> Weights {
    switch self {
    case .reset(let statistics): try statistics.reestimated(mixed)
    case .repair(let repair): try repair.repaired(mixed, of: sources)
    case .rescale(let rescaling): rescaling.rescaled(mixed, of: sources)
    }
  }
}
