import Connectivity
import ModelGraph
import Networks
import Tensors
import ZooIndex

/// Measures networks, and paths between networks, on a zoo's examples. Running statistics of batch
/// normalisation are measured anew on the training examples wherever weights were averaged, at the ends
/// of a path too.
struct PathMeter {
  private let training: Evaluator
  private let test: Evaluator
  private let statistics: BatchStatistics?

  /// Compiles a graph.
  ///
  /// - Throws: `Diagnostic` where it cannot be run, or the data do not fit.
  init(_ graph: ModelGraph, on examples: HessianMetric.Examples) throws {
    training = try Evaluator(graph: graph, dataset: examples.training, jobs: 1)
    test = try Evaluator(graph: graph, dataset: examples.test, jobs: 1)
    statistics =
      graph.hasBatchNormalization
      ? try BatchStatistics(graph: graph, dataset: examples.training, jobs: 1) : nil
  }

  /// A path at equally spaced places.
  func curves(_ path: some WeightPath, name: String, points: Int) throws
    -> (training: Curve, test: Curve)
  {
    var result = (
      training: Curve(name: name, points: []), test: Curve(name: name, points: [])
    )
    for index in 0..<points {
      let t = Double(index) / Double(points - 1)
      let network = try mended(path.network(at: t))
      let (here, there) = (try training.evaluate(network), try test.evaluate(network))
      result.training.points.append(.init(t: t, loss: here.loss, accuracy: here.accuracy))
      result.test.points.append(.init(t: t, loss: there.loss, accuracy: there.accuracy))
    }
    return result
  }

  /// The accuracy of a network as it is, on the test examples.
  func accuracy(_ weights: Weights) throws -> Double { try test.evaluate(weights).accuracy }

  /// The accuracy of the mean of networks, every tensor averaged, on the test examples.
  func accuracy(ofMean networks: [Weights]) throws -> Double {
    let share = 1 / Double(networks.count)
    return try accuracy(
      mended(WeightedMean.mean(of: networks.map { (weights: $0, share: share) })))
  }

  private func mended(_ weights: Weights) throws -> Weights {
    try statistics?.reestimated(weights) ?? weights
  }
}
