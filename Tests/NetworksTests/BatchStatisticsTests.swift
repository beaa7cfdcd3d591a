import LinearAlgebra
import ModelGraph
import Support
import Tensors
import Testing

@testable import Datasets
@testable import Networks

@Suite struct BatchStatisticsTests {
  /// Two normalisations, one behind a ReLU and one in a residual branch, and dropout, which must
  /// not be active.
  private static func network(_ order: ModelGraph.ChannelOrder) throws -> ModelGraph {
    var maker = GraphMaker(order)
    let input = try maker.input(order == .last ? [8, 8, 1] : [1, 8, 8])
    let margin = Padding.explicit([Margin(1, 1), Margin(1, 1)])
    var last = try maker.convolution(6, [3, 3], padding: margin, bias: false, input)
    last = try maker.add(.activation(.relu), maker.batchNormalization(last))
    last = try maker.add(.dropout(rate: 0.5), last)
    var side = try maker.convolution(6, [3, 3], padding: margin, bias: false, last)
    side = try maker.batchNormalization(side)
    last = try maker.add(.activation(.relu), maker.add(.add, side, last))
    last = try maker.add(.flatten, last)
    last = try maker.dense(10, last)
    return try maker.graph(last)
  }

  /// The moments of the inputs of every normalisation, in Float64, each batch run by the plain
  /// interpreter with its own statistics.
  private func expected(
    _ graph: ModelGraph, _ weights: Weights, _ data: Dataset, batches: [[Int]]
  ) -> [String: [Double]] {
    let reference = ReferenceInterpreter(
      graph: graph, weights: weights.mapValues(ReferenceTensor.init), isTraining: true)
    var samples: [String: [[Double]]] = [:]
    for batch in batches {
      let values = batch.flatMap { place in
        data.examples[place * data.exampleSize..<(place + 1) * data.exampleSize].map(Double.init)
      }
      let outputs = reference.run(
        ReferenceTensor(shape: [batch.count] + data.exampleShape, values: values))
      for layer in graph.layers {
        guard case .batchNormalization = layer.operation,
          let mean = layer.parameter(.movingMean)
        else { continue }
        let input = outputs[layer.inputs[0]]
        let axis = reference.channelAxis(input)
        var channels = samples[mean.tensor] ?? Array(repeating: [], count: input.shape[axis])
        for place in ReferenceTensor.indices(input.shape) {
          channels[place[axis]].append(input[place])
        }
        samples[mean.tensor] = channels
      }
    }
    var result: [String: [Double]] = [:]
    for (name, channels) in samples {
      let means = channels.map { $0.reduce(0, +) / Double($0.count) }
      result[name] = means
      let variance = name.replacing("movingMean", with: "movingVariance")
      result[variance] = zip(channels, means).map { values, mean in
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      }
    }
    return result
  }

  /// Sums of some hundred products in Float32: see `OperationTests`.
  @Test(arguments: [ModelGraph.ChannelOrder.last, .first], [2, 8, 64])
  func `statistics are those of a plain Float64 computation`(
    _ order: ModelGraph.ChannelOrder, _ batchSize: Int
  ) async throws {
    let graph = try Self.network(order)
    let data = try await DataSource.load("digits", split: .train).prefix(19)
      .adapted(to: order == .last ? [8, 8, 1] : [1, 8, 8], channelOrder: order)
    let weights = randomWeights(graph, seed: 3)
    let statistics = try BatchStatistics(
      graph: graph, dataset: data, batchSize: batchSize, jobs: 2)
    let sizes = statistics.batches.map(\.count)
    #expect(statistics.order.sorted() == Array(0..<19))
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    let found = try statistics.reestimated(weights)
    let wanted = expected(
      graph, weights, data, batches: statistics.batches.map { Array(statistics.order[$0]) })
    #expect(wanted.count == 4)
    for (name, values) in wanted {
      expectClose((found[name]?.values ?? []).map(Double.init), values, 2e-5)
    }
    // Everything else is passed on as it is.
    for (name, tensor) in weights where wanted[name] == nil { #expect(found[name] == tensor) }
  }

  @Test func `statistics do not depend on jobs, and the same object measures again`() async throws {
    let graph = try Self.network(.last)
    let data = try await DataSource.load("digits", split: .train).prefix(301)
    let weights = randomWeights(graph, seed: 4)
    let others = randomWeights(graph, seed: 5)
    func make(_ jobs: Int) throws -> BatchStatistics {
      try BatchStatistics(
        graph: graph, dataset: data, exampleLimit: 250, batchSize: 32, seed: 9, jobs: jobs)
    }
    let one = try make(1)
    let first = try one.reestimated(weights)
    #expect(one.exampleCount == 250)
    #expect(try one.reestimated(others) != first)
    #expect(try one.reestimated(weights) == first)
    #expect(try make(2).reestimated(weights) == first)
  }

  /// Training leaves averages over its last batches, of weights that still move a little: the
  /// standard deviations agree to a tenth, the means to a tenth of a standard deviation, and the
  /// loss does not get worse.
  @Test func `a trained network's own statistics are found again`() async throws {
    let train = try await DataSource.load("digits", split: .train)
    let test = try await DataSource.load("digits", split: .test)
    let graph = try Self.network(.last)
    let trained = try Trainer.train(
      graph: graph, on: train,
      options: TrainingOptions(
        epochs: 10, batchSize: 64, learningRate: 0.005, schedule: .cosine(), seed: 2)
    ).weights
    // Dropout, which is on in training and off here, moves what the second normalisation sees, so
    // the comparison is of the first.
    let found = try BatchStatistics.reestimated(graph: graph, weights: trained, on: train)
    let norm = try #require(graph.layers.first { $0.parameter(.movingMean) != nil })
    let mean = try #require(norm.parameter(.movingMean)?.tensor)
    let variance = try #require(norm.parameter(.movingVariance)?.tensor)
    for channel in 0..<6 {
      let old = try #require(trained[variance]?.values[channel]).squareRoot()
      let new = try #require(found[variance]?.values[channel]).squareRoot()
      let shift =
        try #require(found[mean]?.values[channel]) - #require(trained[mean]?.values[channel])
      #expect(abs(new / old - 1) < 0.1 && abs(shift) < 0.1 * old)
    }
    let evaluator = try Evaluator(graph: graph, dataset: test)
    let before = try evaluator.evaluate(trained)
    let after = try evaluator.evaluate(found)
    #expect(before.accuracy > 0.9, "\(before.accuracy)")
    #expect(after.loss < before.loss + 0.02, "\(before.loss), then \(after.loss)")
  }

  @Test func `pooling does not depend on the split`() {
    let values = (0..<24).map { Double(($0 * 7) % 11) + 1e4 }
    func moments(_ part: ArraySlice<Double>) -> ChannelMoments {
      let mean = part.reduce(0, +) / Double(part.count)
      let variance = part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(part.count)
      return ChannelMoments(
        meanTensor: "m", varianceTensor: "v", means: [Float(mean)], variances: [Float(variance)],
        sampleCount: part.count)
    }
    let whole = moments(values[...])
    let pooled = PooledMoments([
      moments(values[..<5]), moments(values[5..<6]), moments(values[6...]),
    ])
    #expect(abs(pooled.means[0] - Double(whole.means[0])) < 1e-2)
    #expect(abs(pooled.variances[0] - Double(whole.variances[0])) < 1e-2)
  }

  @Test func `networks without statistics and data without examples are refused`() async throws {
    let data = try await DataSource.load("digits", split: .test)
    var maker = GraphMaker(.last)
    let input = try maker.input([64])
    let logits = try maker.dense(10, input)
    let plain = try maker.graph(logits)
    #expect(throws: Diagnostic.self) { try BatchStatistics(graph: plain, dataset: data) }
    let graph = try Self.network(.last)
    #expect(throws: Diagnostic.self) {
      try BatchStatistics(graph: graph, dataset: data.prefix(1))
    }
    #expect(throws: Diagnostic.self) {
      try BatchStatistics(graph: graph, dataset: data).reestimated([:])
    }
  }
}
