import Foundation
import LinearAlgebra
import ModelGraph
import Support
import Tensors
import Testing

@testable import Datasets
@testable import Networks

@Suite struct TrainingTests {
  private static func perceptron() throws -> ModelGraph {
    var maker = GraphMaker(.last)
    var last = try maker.input([64])
    for _ in 0..<2 { last = try maker.add(.activation(.relu), maker.dense(64, last)) }
    last = try maker.add(.activation(.softmax), maker.dense(10, last))
    return try maker.graph(last)
  }

  private static func convolutional(_ order: ModelGraph.ChannelOrder) throws -> ModelGraph {
    var maker = GraphMaker(order)
    let input = try maker.input(order == .last ? [8, 8, 1] : [1, 8, 8])
    let margin = Padding.explicit([Margin(1, 1), Margin(1, 1)])
    var last = try maker.convolution(16, [3, 3], padding: margin, bias: false, input)
    last = try maker.add(.activation(.relu), maker.batchNormalization(last))
    var side = try maker.convolution(16, [3, 3], padding: margin, bias: false, last)
    side = try maker.batchNormalization(side)
    last = try maker.add(.activation(.relu), maker.add(.add, side, last))
    last = try maker.add(
      .pooling(Pooling(kind: .maximum, size: [2, 2], strides: [2, 2], padding: .valid)), last)
    last = try maker.add(.dropout(rate: 0.1), maker.add(.flatten, last))
    last = try maker.dense(10, last)
    return try maker.graph(last)
  }

  @Test func `a perceptron learns the digits`() async throws {
    let train = try await DataSource.load("digits", split: .train)
    let test = try await DataSource.load("digits", split: .test)
    #expect(train.count == 1438 && test.count == 359 && train.exampleShape == [8, 8, 1])
    let result = try Trainer.train(
      graph: try Self.perceptron(), on: train, validation: test,
      options: TrainingOptions(epochs: 15, batchSize: 64, learningRate: 0.003, seed: 1))
    let last = try #require(result.history.last)
    let accuracy = try #require(last.validation?.accuracy)
    #expect(accuracy > 0.95, "\(accuracy)")
    #expect(last.training.loss < 0.1)
    #expect(result.history.count == 15)
  }

  @Test(arguments: [ModelGraph.ChannelOrder.last, .first])
  func `a residual network learns the digits`(_ order: ModelGraph.ChannelOrder) async throws {
    let train = try await DataSource.load("digits", split: .train)
    let test = try await DataSource.load("digits", split: .test)
    let graph = try Self.convolutional(order)
    let options = TrainingOptions(
      epochs: 8, batchSize: 64, optimizer: .sgd(momentum: 0.9, nesterov: true),
      learningRate: 0.02, schedule: .cosine(), weightDecay: 1e-4,
      augmentation: Augmentation(maximumShift: 1), seed: 3)
    let result = try Trainer.train(graph: graph, on: train, validation: test, options: options)
    let last = try #require(result.history.last)
    #expect(last.validation?.accuracy ?? 0 > 0.95)
    #expect(last.learningRate < 0.001)
    // The statistics have moved from their first values, and evaluation uses them.
    let statistics = result.weights.filter { $0.key.contains("moving") }
    #expect(statistics.count == 4)
    #expect(statistics.values.allSatisfy { $0.values.contains { $0 != 0 && $0 != 1 } })
    let again = try Evaluator(graph: graph, dataset: test, batchSize: 50, jobs: 2)
      .evaluate(result.weights)
    #expect(again.accuracy == last.validation?.accuracy)
  }

  @Test func `a corruption is drawn anew in every epoch, and decides nothing else`() async throws {
    let train = try await DataSource.load("digits", split: .train).prefix(200)
    let graph = try Self.perceptron()
    let noise = Corruption(.gaussianNoise, strength: 0.3)
    func weights(_ data: Dataset, epochs: Int, _ corruption: Corruption?) throws -> Weights {
      try Trainer.train(
        graph: graph, on: data,
        options: TrainingOptions(epochs: epochs, batchSize: 50, seed: 7, transform: corruption)
      ).weights
    }
    var draws = SeededGenerator(seed: 7).derived(1 << 63)
    let first = try noise.applied(to: train, seed: draws.next())
    #expect(try weights(train, epochs: 1, noise) == weights(first, epochs: 1, nil))
    #expect(try weights(train, epochs: 2, noise) != weights(first, epochs: 2, nil))
  }

  @Test func `the same seed gives the same bytes`() async throws {
    let train = try await DataSource.load("digits", split: .train).prefix(300)
    let graph = try Self.convolutional(.last)
    @Sendable func run(_ seed: UInt64) throws -> TrainingResult {
      try Trainer.train(
        graph: graph, on: train,
        options: TrainingOptions(
          epochs: 2, batchSize: 64, augmentation: Augmentation(maximumShift: 1, flips: true),
          seed: seed))
    }
    let alone = try run(4)
    // Two at once, on threads of their own.
    let together = try Parallel.map(count: 3, jobs: 2) { try run($0 == 2 ? 5 : 4) }
    #expect(together[0] == alone && together[1] == alone)
    #expect(together[2].weights != alone.weights)
  }

  @Test func `two threads give the same bytes every time`() async throws {
    let train = try await DataSource.load("digits", split: .train).prefix(300)
    let graph = try Self.convolutional(.first)
    func run(threads: Int) throws -> TrainingResult {
      try Trainer.train(
        graph: graph, on: train,
        options: TrainingOptions(epochs: 2, batchSize: 64, seed: 4, threads: threads))
    }
    let first = try run(threads: 2)
    for _ in 0..<3 { #expect(try run(threads: 2) == first) }
    // One thread adds in another order, and ends close by.
    let alone = try run(threads: 1)
    let losses = [first, alone].compactMap { $0.history.last?.training.loss }
    #expect(abs(losses[0] - losses[1]) < 1e-2)
  }

  @Test(arguments: [Optimizer.adam(), .adamW(), .sgd(momentum: 0.9), .sgd()])
  func `resuming gives what training without interruption gives`(
    _ optimizer: Optimizer
  ) async throws {
    let train = try await DataSource.load("digits", split: .train).prefix(200)
    let graph = try Self.perceptron()
    var options = TrainingOptions(
      epochs: 4, batchSize: 32, optimizer: optimizer, learningRate: 0.01, schedule: .cosine(),
      weightDecay: 0.01, checkpointEpochs: [0, 2])
    let whole = try Trainer.train(graph: graph, on: train, options: options)
    #expect(whole.checkpoints.map(\.epoch) == [0, 2])
    #expect(whole.checkpoints[0].weights == Initializer.weights(for: graph, seed: 0))
    options.checkpointEpochs = []
    let rest = try Trainer.train(
      graph: graph, on: train, options: options, resuming: whole.checkpoints[1])
    #expect(rest.weights == whole.weights)
    #expect(rest.history == whole.history)
  }

  @Test func `evaluation does not depend on jobs or batch size`() async throws {
    let test = try await DataSource.load("digits", split: .test)
    let graph = try Self.perceptron()
    let weights = Initializer.weights(for: graph, seed: 2)
    let one = try Evaluator(graph: graph, dataset: test, batchSize: 100, jobs: 1).evaluate(weights)
    let two = try Evaluator(graph: graph, dataset: test, batchSize: 100, jobs: 2).evaluate(weights)
    #expect(one == two)
    let other = try Evaluator(graph: graph, dataset: test, batchSize: 7, jobs: 2).evaluate(weights)
    #expect(other.accuracy == one.accuracy && abs(other.loss - one.loss) < 1e-6)
  }

  @Test func `optimisers take the published steps`() {
    // Two steps from w = 1 with gradients 0.5 and −0.25 at rate 0.1, decay 0.1; computed in Float64 from
    // the formulas of the papers.
    func run(_ optimizer: Optimizer) -> Float {
      var weight: Float = 1
      var averages: [Float] = [0, 0]
      for (index, gradient) in [Float(0.5), -0.25].enumerated() {
        let step = OptimizerStep(
          optimizer: optimizer, rate: 0.1, weightDecay: 0.1, number: index + 1)
        averages.withUnsafeMutableBufferPointer { state in
          guard let base = state.baseAddress else { return }
          withUnsafePointer(to: gradient) {
            step.apply(to: &weight, gradients: $0, state: [base, base + 1], count: 1)
          }
        }
      }
      return weight
    }
    #expect(abs(run(.sgd(momentum: 0.9)) - 0.9016) < 1e-6)
    #expect(abs(run(.sgd(momentum: 0.9, nesterov: true)) - 0.868_066) < 1e-6)
    #expect(abs(run(.adam()) - 0.854_441_4) < 1e-6)
    #expect(abs(run(.adamW()) - 0.854_466_3) < 1e-6)
  }

  @Test func `data that do not fit are refused with both shapes`() throws {
    let graph = try Self.perceptron()
    let data = try Dataset(
      examples: Array(repeating: 0, count: 2 * 49), exampleShape: [7, 7], labels: [0, 1])
    let error = #expect(throws: Diagnostic.self) { try Trainer.train(graph: graph, on: data) }
    #expect(error?.description.contains("[7, 7]") == true)
    #expect(error?.description.contains("[64]") == true)
    #expect(throws: Diagnostic.self) {
      try Dataset(examples: [.nan], exampleShape: [1], labels: [0])
    }
    #expect(throws: Diagnostic.self) {
      try Dataset(examples: [0], exampleShape: [1], labels: [3], classCount: 2)
    }
    let fine = try Dataset(
      examples: Array(repeating: 0.5, count: 128), exampleShape: [8, 8], labels: [0, 1])
    let diverging = TrainingOptions(
      epochs: 50, optimizer: .sgd(), learningRate: 1e30, loss: .meanSquaredError)
    #expect(throws: Diagnostic.self) {
      try Trainer.train(graph: graph, on: fine, options: diverging)
    }
  }
}
