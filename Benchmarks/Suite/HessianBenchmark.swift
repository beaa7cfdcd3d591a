import ModelGraph
import Networks

/// A gradient, and a product of the second derivatives with a direction, of the networks of
/// `peers/pytorch_hessian.py`: batches of 128, batch normalisation by their statistics.
enum HessianBenchmark {
  private static let batch = 128

  /// The least of several times of one thread for one batch, in milliseconds, and the least by the clock on
  /// the wall for two batches and two threads.
  static func run() throws -> [String: [String: Double]] {
    var figures: [String: [String: Double]] = [:]
    for (name, graph, rounds) in [
      ("mlp", try BenchmarkNetworks.perceptron(), 40), ("vgg", try BenchmarkNetworks.vgg(), 4),
      ("resnet20", try BenchmarkNetworks.residual(), 4),
    ] {
      let shape = graph.layers[0].outputShape.compactMap { $0 }
      let count = 2 * batch
      let data = try Dataset(
        examples: (0..<count * shape.reduce(1, *)).map { Float($0 * 31 % 997) / 997 },
        exampleShape: shape, labels: (0..<count).map { Int32($0 % 10) })
      let weights = Initializer.weights(for: graph, seed: 0, initializer: .torchDefault)
      let gradient = try LossGradient(graph: graph, dataset: data, batchSizes: [batch])
      let first = Array(0..<batch)
      var own = [
        "gradient": try least(of: rounds) { _ = try gradient.evaluate(weights, examples: first) }
      ]
      for (key, examples, jobs) in [("product", batch, 1), ("pair", count, 2)] {
        let hessian = try LossHessian(
          graph: graph, weights: weights, dataset: data.prefix(examples), normalization: .batch,
          batchSize: batch, jobs: jobs)
        let direction = (0..<hessian.dimension).map { Double($0 % 7) - 3 }
        own[key] =
          jobs == 1
          ? try least(of: rounds) { _ = try hessian.product(direction) }
          : 1000
            * (try Stopwatch.best(of: rounds) { _ = try hessian.product(direction) }).wall
      }
      figures[name] = own
    }
    return figures
  }

  /// The least time of the calling thread, in milliseconds.
  private static func least(of rounds: Int, _ work: () throws -> Void) rethrows -> Double {
    var best = Double.infinity
    try work()
    for _ in 0..<rounds {
      let begin = Stopwatch.threadSeconds
      try work()
      best = min(best, Stopwatch.threadSeconds - begin)
    }
    return 1000 * best
  }
}
