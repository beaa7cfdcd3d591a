import LinearAlgebra
public import ModelGraph
public import Networks
import Support
import Synchronization
public import Tensors

/// REPAIR (Jordan et al. 2023): gives every hidden unit of averaged weights, before its activation
/// function, the mean and the standard deviation that the units it is made of have on average.
///
/// For networks without batch normalisation. `μ* = Σ share·μ_k` and `σ* = Σ share·σ_k` (standard
/// deviations are averaged, not variances) are measured on the networks themselves. The averaged
/// network is then run once with every unit brought to its goal, layer upon layer, so that what a
/// layer sees is already corrected, and the correction is put into its weights:
/// `w ← γw`, `b ← μ* + γ(b − m)` with `γ = σ*/σ`. The layers that make the network's output stay.
public final class ActivationRepair: Sendable {
  /// A layer that is corrected.
  struct Target: Sendable {
    let name: String
    let kernel: ChannelKernel
    let bias: String
    /// The tensors of the normalisation that stands for the correction while it is measured.
    func tensor(_ role: Parameter.Role) -> String { "\(name) repaired/\(role.rawValue)" }
  }

  private let targets: [Target]
  private let graph: ModelGraph
  private let examples: Dataset
  private let jobs: Int?
  private let correcting: BatchStatistics
  /// What was measured of networks, so that a path measures its ends once. The networks are kept
  /// with it: comparing the same arrays takes no time.
  private let known = Mutex<[(weights: Weights, statistics: [String: ChannelStatistics])]>([])

  /// How many examples it measures on.
  public var exampleCount: Int { examples.count }
  /// The tensors that it changes.
  public var tensors: [String] { targets.flatMap { [$0.kernel.tensor, $0.bias] } }

  /// Finds the hidden layers, and compiles the graph with their corrections.
  ///
  /// - Parameters:
  ///   - dataset: the examples, best those that the networks were trained on.
  ///   - exampleLimit: how many examples are used, drawn at random; nil means all.
  ///   - seed: decides which.
  ///   - jobs: how many threads run the networks; the result does not depend on it.
  /// - Throws: `Diagnostic` of code `usage` where the network has batch normalisation, or no hidden
  ///   layer with weights and biases of its own.
  public init(
    graph: ModelGraph, dataset: Dataset, exampleLimit: Int? = nil, seed: UInt64 = 0,
    jobs: Int? = nil
  ) throws {
    if graph.hasBatchNormalization {
      throw Diagnostic(
        .usage, "the network has batch normalisation, whose statistics have to be measured anew",
        remedy: "repair it with reset")
    }
    let hidden = graph.hiddenKernels.filter { hidden in
      graph.userCount(of: hidden.kernel.tensor) == 1
        && (graph.channelOrder == .last || graph.layers[hidden.layer].outputShape.count != 2)
    }
    targets = try hidden.map { hidden in
      let name = graph.layers[hidden.layer].name
      guard let bias = hidden.bias else {
        throw Diagnostic(
          .usage, "the layer has no bias of its own that could be corrected", at: [name],
          remedy: "use \(setting: .repair) rescale")
      }
      return Target(name: name, kernel: hidden.kernel, bias: bias)
    }
    guard !targets.isEmpty else {
      throw Diagnostic(
        .usage, "the network has no hidden dense or convolutional layer that could be repaired")
    }
    self.graph = graph
    self.jobs = jobs
    examples = dataset.sample(exampleLimit ?? dataset.count, seed: seed)
    correcting = try BatchStatistics(
      graph: graph.normalizing(after: hidden.map(\.layer), targets), dataset: examples, seed: seed,
      jobs: jobs)
  }

  /// Repairs averaged weights. Of one network alone (the end of a path) they stay as they are.
  ///
  /// A unit that no longer varies is only shifted.
  ///
  /// - Parameters:
  ///   - mixed: the average.
  ///   - sources: the networks it is made of, with the share of each; shares of 0 do not count.
  /// - Complexity: a forward pass over the examples, and one for every network not seen lately.
  public func repaired(
    _ mixed: Weights, of sources: [(weights: Weights, share: Double)]
  ) throws -> Weights {
    let present = sources.filter { $0.share != 0 }
    guard present.count > 1 else { return mixed }
    let measured = try present.map { try statistics($0.weights) }
    var goals: [String: ChannelStatistics] = [:]
    var run = mixed
    for target in targets {
      let count = target.kernel.channelCount
      var goal = ChannelStatistics(
        means: Array(repeating: 0, count: count), deviations: Array(repeating: 0, count: count))
      for (source, statistics) in zip(present, measured) {
        guard let own = statistics[target.name] else { continue }
        for channel in 0..<count {
          goal.means[channel] += source.share * own.means[channel]
          goal.deviations[channel] += source.share * own.deviations[channel]
        }
      }
      goals[target.name] = goal
      run[target.tensor(.gamma)] = Self.tensor(goal.deviations)
      run[target.tensor(.beta)] = Self.tensor(goal.means)
      run[target.tensor(.movingMean)] = Self.tensor(goal.means)
      run[target.tensor(.movingVariance)] = Self.tensor(goal.deviations)
    }
    let found = try correcting.reestimated(run)
    var result = mixed
    for target in targets {
      guard let goal = goals[target.name], let kernel = mixed[target.kernel.tensor],
        var biases = mixed[target.bias]?.values,
        let means = found[target.tensor(.movingMean)]?.values,
        let variances = found[target.tensor(.movingVariance)]?.values
      else { continue }
      let factors = zip(goal.deviations, variances).map { deviation, variance in
        let own = Double(variance).squareRoot()
        return own > 1e-6 * deviation && own > 0 ? deviation / own : 1
      }
      for channel in biases.indices {
        biases[channel] = Float(
          goal.means[channel]
            + factors[channel] * (Double(biases[channel]) - Double(means[channel])))
      }
      result[target.kernel.tensor]?.values = target.kernel.scaled(kernel.values, by: factors)
      result[target.bias]?.values = biases
    }
    return result
  }

  private func statistics(_ weights: Weights) throws -> [String: ChannelStatistics] {
    if let found = known.withLock({ $0.first { $0.weights == weights } }) {
      return found.statistics
    }
    let statistics = try ChannelStatistics.measure(
      graph: graph, weights: weights, layers: targets.map(\.name), on: examples, jobs: jobs)
    known.withLock { $0 = $0.suffix(3) + [(weights, statistics)] }
    return statistics
  }

  private static func tensor(_ values: [Double]) -> Tensor {
    Tensor(shape: [values.count], values: values.map { Float($0) })
  }
}
