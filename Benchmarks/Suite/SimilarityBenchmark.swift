import Curvature
import ModelGraph
import Networks

/// The CKA of the logits of 50 networks, all pairs in one pass over 2,048 examples: what
/// `peers/similarity.py` computes.
enum SimilarityBenchmark {
  private static let (networks, examples, batch) = (50, 2048, 512)

  /// The least of three times by the clock on the wall, in milliseconds: of everything, and of running the
  /// networks alone.
  static func run() throws -> [String: [String: Double]] {
    let graph = try BenchmarkNetworks.perceptron()
    let data = try Dataset(
      examples: (0..<examples * 784).map { Float($0 * 31 % 997) / 997 }, exampleShape: [784],
      labels: (0..<examples).map { Int32($0 % 10) })
    let members = (0..<networks).map { seed in
      NetworkSimilarity.Member(
        graph: graph,
        weights: Initializer.weights(for: graph, seed: UInt64(seed), initializer: .torchDefault))
    }
    let whole = try Stopwatch.best(of: 3) {
      _ = try NetworkSimilarity(of: members, on: data, measuresSVCCA: false, batchSize: batch)
    }
    let forward = try Stopwatch.best(of: 3) {
      for member in members {
        let network = try Network(graph: member.graph, weights: member.weights, batchSize: 128)
        _ = try network.forward(data.examples, count: data.count)
      }
    }
    return ["similarity": ["wall": 1000 * whole.wall, "forward": 1000 * forward.wall]]
  }
}
