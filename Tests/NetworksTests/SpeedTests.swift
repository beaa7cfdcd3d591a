import Foundation
import ModelGraph
import Testing
import WeightFiles

@testable import Networks

/// Step times of the networks of Benchmarks/peers/pytorch_training.py. They print and do not judge:
/// set WSL_BENCHMARK to run them, on a machine that does nothing else.
@Suite(
  .serialized, .enabled(if: ProcessInfo.processInfo.environment["WSL_BENCHMARK"] != nil))
struct SpeedTests {
  private static let same = Padding.explicit([Margin(1, 1), Margin(1, 1)])

  private static func perceptron() throws -> ModelGraph {
    var maker = GraphMaker(.first)
    var last = try maker.input([784])
    for _ in 0..<3 { last = try maker.add(.activation(.relu), maker.dense(512, last)) }
    last = try maker.dense(10, last)
    return try maker.graph(last)
  }

  private static func vgg() throws -> ModelGraph {
    var maker = GraphMaker(.first)
    var last = try maker.input([3, 32, 32])
    for width in [32, 64, 128] {
      for _ in 0..<2 {
        last = try maker.convolution(width, [3, 3], padding: same, bias: false, last)
        last = try maker.add(.activation(.relu), maker.batchNormalization(last))
      }
      last = try maker.add(
        .pooling(Pooling(kind: .maximum, size: [2, 2], strides: [2, 2], padding: .valid)), last)
    }
    last = try maker.add(.flatten, last)
    last = try maker.dense(10, last)
    return try maker.graph(last)
  }

  private static func resnet20() throws -> ModelGraph {
    var maker = GraphMaker(.first)
    var last = try maker.input([3, 32, 32])
    last = try maker.convolution(16, [3, 3], padding: same, bias: false, last)
    last = try maker.add(.activation(.relu), maker.batchNormalization(last))
    for (stage, width) in [16, 32, 64].enumerated() {
      for block in 0..<3 {
        let isNarrowing = stage > 0 && block == 0
        let strides = isNarrowing ? [2, 2] : [1, 1]
        var side = last
        if isNarrowing {
          side = try maker.convolution(width, [1, 1], strides: strides, bias: false, last)
          side = try maker.batchNormalization(side)
        }
        last = try maker.convolution(
          width, [3, 3], strides: strides, padding: same, bias: false, last)
        last = try maker.add(.activation(.relu), maker.batchNormalization(last))
        last = try maker.convolution(width, [3, 3], padding: same, bias: false, last)
        last = try maker.batchNormalization(last)
        last = try maker.add(.activation(.relu), maker.add(.add, last, side))
      }
    }
    last = try maker.add(.globalPooling(.average, keepsAxes: false), last)
    last = try maker.dense(10, last)
    return try maker.graph(last)
  }

  @Test(arguments: [1, 2]) func `time steps`(_ threads: Int) throws {
    for (name, graph, rounds) in [
      ("mlp", try Self.perceptron(), 100), ("vgg", try Self.vgg(), 8),
      ("resnet20", try Self.resnet20(), 8),
    ] {
      try ThreadLimit.with(threads) {
        let store = try ParameterStore(isTrained: true, averageCount: 1)
        let training = try Program(
          graph: graph, batchSize: 128, options: ProgramOptions(isTraining: true), store: store)
        let inference = try Program(
          graph: graph, batchSize: 128, options: ProgramOptions(), store: store)
        try store.load(randomWeights(graph, seed: 1))
        let labels = (0..<128).map { Int32($0 % 10) }
        for program in [training, inference] {
          for index in program.inputs.indices { program.inputs[index] = Float(index % 7) / 7 }
        }
        try inference.prepareWeights()
        let forward = try best(rounds, threads: threads) { try inference.forward() }
        let step = try best(rounds, threads: threads) {
          try training.prepareWeights()
          try training.forward()
          if let outputs = training.outputs.baseAddress {
            _ = Loss.crossEntropy.evaluate(
              outputs, labels: labels[...], classCount: 10,
              gradient: training.outputGradients.baseAddress)
          }
          try training.backward()
          store.update(
            by: OptimizerStep(
              optimizer: .sgd(momentum: 0.9), rate: 0, weightDecay: 0, number: 1),
            threads: threads)
        }
        print("\(name), \(threads) threads: forward \(forward) ms, training step \(step) ms")
      }
    }
  }

  /// The shortest time in milliseconds: the thread's own for one thread, which is steady on a
  /// machine that is shared, else that of the wall clock.
  private func best(_ rounds: Int, threads: Int, _ work: () throws -> Void) throws -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time)
      return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
    }
    try work()
    try work()
    var least = Double.infinity
    for _ in 0..<rounds {
      let start = now()
      try work()
      least = min(least, now() - start)
    }
    return (least * 100).rounded() / 100
  }
}
