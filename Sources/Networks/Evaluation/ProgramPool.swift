import ModelGraph
import Support
import Synchronization
import Tensors

/// A program is handed from thread to thread by the pool, which lets one at a time have it.
extension Program: @unchecked Sendable {}
/// Programs that run side by side only read the store; it changes between runs.
extension ParameterStore: @unchecked Sendable {}

/// Programs of one graph that work on batches side by side, each on one thread.
///
/// A batch gives the same numbers whichever program runs it, so results do not depend on how many
/// there are.
final class ProgramPool: Sendable {
  /// The number of examples of a batch.
  let batchSize: Int
  /// The shape of one example of the input and of the output.
  let inputShape: [Int]
  let outputShape: [Int]
  private let store: ParameterStore
  private let programs: [Program]
  private let running = Mutex<Void>(())

  /// Compiles as many programs as there are jobs, and no more than there are batches.
  ///
  /// - Parameter expectedCount: how many examples a run will have, where known.
  init(
    graph: ModelGraph, batchSize: Int, options: ProgramOptions, jobs: Int?, expectedCount: Int?
  ) throws {
    let size = max(1, min(batchSize, expectedCount ?? batchSize))
    let batches = expectedCount.map { ($0 + size - 1) / size } ?? .max
    let width = max(1, min(jobs ?? Parallel.processorCount, batches))
    let shared = try ParameterStore(isTrained: false)
    programs = try ThreadLimit.with(1) {
      try (0..<width).map { _ in
        try Program(graph: graph, batchSize: size, options: options, store: shared)
      }
    }
    store = shared
    self.batchSize = size
    inputShape = programs[0].inputShape
    outputShape = programs[0].outputShape
  }

  /// Runs all batches of `count` examples with some weights, and returns what `finish` makes of
  /// each, in order.
  ///
  /// - Parameters:
  ///   - weights: the weights; nil keeps those of the last run.
  ///   - inputs: the examples, in the network's own shape.
  ///   - finish: reads a program's output for the examples of a range.
  func run<Result: Sendable>(
    weights: Weights?, inputs: [Float], count: Int,
    finish: @Sendable (Program, Range<Int>) throws -> Result
  ) throws -> [Result] {
    // One run at a time: the programs and the weights are shared.
    try running.withLock { _ in
      if let weights { try store.load(weights) }
      if weights != nil {
        try ThreadLimit.with(1) { for program in programs { try program.prepareWeights() } }
      }
      let size = batchSize
      let exampleSize = inputShape.reduce(1, *)
      let idle = Mutex(programs)
      let batches = (count + size - 1) / size
      return try Parallel.map(count: batches, jobs: programs.count) { batch in
        guard let program = idle.withLock({ $0.popLast() }) else {
          preconditionFailure("there are as many programs as threads")
        }
        defer { idle.withLock { $0.append(program) } }
        let range = batch * size..<min(count, (batch + 1) * size)
        return try ThreadLimit.with(1) {
          inputs.withUnsafeBufferPointer { all in
            let part = all[range.lowerBound * exampleSize..<range.upperBound * exampleSize]
            _ = program.inputs.update(fromContentsOf: part)
          }
          try program.forward()
          return try finish(program, range)
        }
      }
    }
  }
}
