import Catalogs
import Networks
import Support
import WeightFiles
public import ZooIndex

/// How well every model can be pruned: its accuracy on the test examples after the weights of the least
/// magnitude have become 0, at fixed shares of them, without training after it.
public struct PruningMetric: Metric {
  /// The shares of the kernels' weights that become 0.
  public static let sparsities = [0.5, 0.8, 0.9, 0.95]

  private let examples: HessianMetric.Examples

  /// Makes the metric.
  public init(_ examples: HessianMetric.Examples) { self.examples = examples }

  /// Its settings name the data and the shares.
  public var description: MetricDescription {
    MetricDescription(
      name: "pruning",
      settings: "1 \(examples.name) \(examples.test.count) \(Self.sparsities)",
      columns: ["sparsity", "accuracy", "loss"])
  }

  /// The network is run.
  public var needsGraph: Bool { true }

  /// Measures a model; a row a share, the whole network first. `accuracy` is the mean over the shares, `lost`
  /// how much less that is than the accuracy of the whole network.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the network cannot be run, a weight is not finite, or the
  ///   data do not fit.
  public func measure(_ model: ScannedModel) throws -> MetricResult {
    try model.withNetwork(copies: 2) { graph, weights in
      let path = model.file.catalog.file
      if let broken = BrokenElement(in: weights, of: path) { throw broken.diagnostic }
      let test = try Evaluator(graph: graph, dataset: examples.test, jobs: 1)
      var result = MetricResult(rows: [])
      var accuracies: [Double] = []
      for sparsity in [0] + Self.sparsities {
        let found = try test.evaluate(
          MagnitudePruning.pruned(weights, of: graph, sparsity: sparsity))
        accuracies.append(found.accuracy)
        let share = "\(Int((100 * sparsity).rounded()))"
        result.rows.append(
          MetricResult.Row(
            name: "\(share)%",
            values: [.real(sparsity), .finite(found.accuracy), .finite(found.loss)]))
        if sparsity > 0 { result.summary["accuracy" + share] = .finite(found.accuracy) }
      }
      let mean = accuracies.dropFirst().reduce(0, +) / Double(Self.sparsities.count)
      result.summary["accuracy"] = .finite(mean)
      result.summary["lost"] = .finite(accuracies[0] - mean)
      return result
    }
  }
}
