public import ModelGraph
import Support
public import Tensors

/// Gives every hidden channel of averaged weights the norm that the channels it is made of have on
/// average: `w_c ← γ_c · w_c` with `γ_c = Σ share·‖w_c^k‖ / ‖Σ share·w_c^k‖`.
///
/// A repair without data, for networks without batch normalisation. What a unit computes varies
/// about as much as its weights are long when its inputs are of one size and not correlated, so the
/// factor stands in for the ratio of standard deviations that REPAIR measures (Jordan et al. 2023,
/// section 4). Biases are averages already and stay. As in REPAIR the layers that make the
/// network's output are left alone. Of one network alone (the end of a path) every factor is 1.
public struct NormRescaling: Sendable {
  private let kernels: [ChannelKernel]

  /// The tensors that are rescaled.
  public var tensors: [String] { kernels.map(\.tensor) }

  /// Finds the kernels of the hidden layers.
  ///
  /// - Throws: `Diagnostic` of code `usage` where the network has batch normalisation, whose
  ///   statistics would no longer fit, or no hidden dense or convolutional layer.
  public init(graph: ModelGraph) throws {
    if graph.hasBatchNormalization {
      throw Diagnostic(
        .usage, "the network has batch normalisation, whose statistics have to be measured anew",
        remedy: "repair it with reset")
    }
    let kernels = graph.hiddenKernels.map(\.kernel)
    guard !kernels.isEmpty else {
      throw Diagnostic(
        .usage, "the network has no hidden dense or convolutional layer that could be rescaled")
    }
    self.kernels = kernels
  }

  /// Rescales averaged weights.
  ///
  /// A channel that cancelled out to less than a millionth of the mean norm stays as it is: what is
  /// left of it is rounding.
  ///
  /// - Parameters:
  ///   - mixed: the average.
  ///   - sources: the networks it is made of, with the share of each; shares of 0 do not count.
  /// - Complexity: O(parameters · sources).
  public func rescaled(
    _ mixed: Weights, of sources: [(weights: Weights, share: Double)]
  ) -> Weights {
    let present = sources.filter { $0.share != 0 }
    guard present.count > 1 else { return mixed }
    var result = mixed
    for kernel in kernels {
      guard let tensor = mixed[kernel.tensor] else { continue }
      var goals = Array(repeating: 0.0, count: kernel.channelCount)
      for source in present {
        guard let other = source.weights[kernel.tensor] else { continue }
        for (channel, norm) in kernel.norms(other.values).enumerated() {
          goals[channel] += source.share * norm
        }
      }
      let factors = zip(goals, kernel.norms(tensor.values)).map { goal, norm in
        norm > 1e-6 * goal && norm > 0 ? goal / norm : 1
      }
      result[kernel.tensor]?.values = kernel.scaled(tensor.values, by: factors)
    }
    return result
  }
}
