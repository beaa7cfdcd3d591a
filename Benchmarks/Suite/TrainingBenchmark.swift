import ModelGraph
import Networks
import Synchronization

/// Training steps of the networks of `peers/pytorch_training.py`: batch 128, SGD with momentum.
enum TrainingBenchmark {
  private static let batch = 128
  /// A session reports its progress every 16 steps, so an epoch of 16 is what can be timed.
  private static let steps = 16

  /// The least mean time of a step over 16, in milliseconds: loss, both passes, the optimiser, and
  /// the gathering of the batch, which the peer has ready.
  static func run(threads: Int) throws -> [String: [String: Double]] {
    var figures: [String: [String: Double]] = [:]
    for (name, graph, epochs) in [
      ("mlp", try BenchmarkNetworks.perceptron(), 12), ("vgg", try BenchmarkNetworks.vgg(), 2),
      ("resnet20", try BenchmarkNetworks.residual(), 2),
    ] {
      let shape = graph.layers[0].outputShape.compactMap { $0 }
      let count = batch * steps
      let data = try Dataset(
        examples: (0..<count * shape.reduce(1, *)).map { Float($0 * 31 % 997) / 997 },
        exampleShape: shape, labels: (0..<count).map { Int32($0 % 10) })
      let times = Mutex<[Double]>([])
      let options = TrainingOptions(
        epochs: epochs, batchSize: batch, optimizer: .sgd(momentum: 0.9), learningRate: 1e-4,
        threads: threads)
      _ = try Trainer.train(
        graph: graph, on: data, options: options,
        progress: { _ in
          let now =
            threads == 1
            ? Stopwatch.threadSeconds : (ContinuousClock.now - origin) / .seconds(1)
          times.withLock { $0.append(now) }
        })
      let marks = times.withLock { $0 }
      let best = zip(marks.dropFirst(), marks).map { $0 - $1 }.min() ?? .nan
      figures[name] = ["step": 1000 * best / Double(steps)]
    }
    return figures
  }

  private static let origin = ContinuousClock.now
}
