import LinearAlgebra
public import ModelGraph
import Support
import Synchronization
public import Tensors

/// Measures the running statistics of batch normalisation anew, for many sets of weights of one
/// graph on one data set, compiling once.
///
/// Averaged weights do not have averaged statistics: the sum of two independent features varies
/// less than each of them, and the network collapses to near-constant outputs. Measuring the
/// statistics on training data mends it (Jordan et al. 2023, "REPAIR", section 4; Izmailov et al.
/// 2018, section 3.2).
///
/// All layers are measured in one pass in which each normalises by the statistics of its batch, so
/// that what a layer sees is already corrected above it. The moments of the batches are pooled in
/// Float64. Batches are drawn at random from all examples, and differ in size by at most one, so
/// neither an order of the data by class nor a small last batch does harm. The result is the same
/// for any number of jobs.
public final class BatchStatistics: Sendable {
  /// The examples of each batch, by their place in the data set.
  let batches: [Range<Int>]
  /// The places of the examples in the data set, batch after batch.
  let order: [Int]
  private let inputs: [Float]
  private let exampleSize: Int
  private let store: ParameterStore
  /// For each worker a program of every size of batch.
  private let workers: [[Int: Program]]
  private let running = Mutex<Void>(())

  /// How many examples the statistics are measured on.
  public var exampleCount: Int { order.count }

  /// Compiles a graph for a data set.
  ///
  /// - Parameters:
  ///   - graph: a network with batch normalisation.
  ///   - dataset: the examples, best those that the networks were trained on.
  ///   - exampleLimit: how many examples are used, drawn at random; nil means all.
  ///   - batchSize: how many examples a batch has, about.
  ///   - seed: decides which examples are used and how they are split.
  ///   - jobs: how many batches run side by side; nil means one a processor.
  /// - Throws: `Diagnostic` where the graph has no batch normalisation or cannot be run, or the
  ///   data do not fit or are fewer than two examples.
  public init(
    graph: ModelGraph, dataset: Dataset, exampleLimit: Int? = nil, batchSize: Int = 512,
    seed: UInt64 = 0, jobs: Int? = nil
  ) throws {
    precondition(batchSize > 1, "a batch of one example does not vary")
    guard graph.hasBatchNormalization else {
      throw Diagnostic(
        .usage, "the network has no batch normalisation whose statistics could be measured")
    }
    let count = min(dataset.count, exampleLimit ?? .max)
    guard count > 1 else {
      throw Diagnostic(
        .usage, "statistics cannot be measured on \(count) examples", remedy: "give more")
    }
    let batchCount = max(1, min(count / 2, (count + batchSize - 1) / batchSize))
    batches = (0..<batchCount).map { batch in
      batch * count / batchCount..<(batch + 1) * count / batchCount
    }
    var generator = SeededGenerator(seed: seed)
    order = Array(generator.permutation(count: dataset.count).prefix(count))
    let options = ProgramOptions(
      measuresStatistics: true, inputShape: graph.inputShape(for: dataset.exampleShape))
    let store = try ParameterStore(isTrained: false)
    let sizes = Set(batches.map(\.count))
    let width = max(1, min(jobs ?? Parallel.processorCount, batchCount))
    workers = try ThreadLimit.with(1) {
      try (0..<width).map { _ in
        var programs: [Int: Program] = [:]
        for size in sizes.sorted() {
          programs[size] = try Program(
            graph: graph, batchSize: size, options: options, store: store)
        }
        return programs
      }
    }
    self.store = store
    guard let program = workers[0].values.first else { preconditionFailure("a batch has a size") }
    let adapted = try dataset.adapted(to: program.inputShape, for: graph)
    exampleSize = adapted.exampleSize
    inputs = adapted.gathered(order)
  }

  /// The weights with the running means and variances of all batch normalisations measured anew.
  ///
  /// The variance divides by the number of samples. Layers that share their statistics share the
  /// samples too.
  ///
  /// - Parameter weights: every tensor of the graph, in the layout of its file.
  /// - Throws: `Diagnostic` where a tensor is missing or has the wrong shape.
  public func reestimated(_ weights: Weights) throws -> Weights {
    let measured = try running.withLock { _ in try measure(weights) }
    var names: [String] = []
    var sets: [String: [ChannelMoments]] = [:]
    for moments in measured.joined() {
      if sets[moments.meanTensor] == nil { names.append(moments.meanTensor) }
      sets[moments.meanTensor, default: []].append(moments)
    }
    var result = weights
    for name in names {
      guard let all = sets[name], let first = all.first else { continue }
      let pooled = PooledMoments(all)
      result[name]?.values = pooled.means.map { Float($0) }
      result[first.varianceTensor]?.values = pooled.variances.map { Float($0) }
    }
    return result
  }

  /// The moments of every batch and layer.
  private func measure(_ weights: Weights) throws -> [[ChannelMoments]] {
    try store.load(weights)
    try ThreadLimit.with(1) {
      for programs in workers { for program in programs.values { try program.prepareWeights() } }
    }
    let idle = Mutex(workers)
    return try Parallel.map(count: batches.count, jobs: workers.count) { batch in
      guard let programs = idle.withLock({ $0.popLast() }) else {
        preconditionFailure("there are as many workers as threads")
      }
      defer { idle.withLock { $0.append(programs) } }
      let range = batches[batch]
      guard let program = programs[range.count] else {
        preconditionFailure("every size of batch has a program")
      }
      return try ThreadLimit.with(1) {
        inputs.withUnsafeBufferPointer { all in
          let part = all[range.lowerBound * exampleSize..<range.upperBound * exampleSize]
          _ = program.inputs.update(fromContentsOf: part)
        }
        try program.forward()
        return program.batchMoments
      }
    }
  }

  /// The weights with the running statistics measured anew on all of a data set: for one network.
  ///
  /// - Throws: `Diagnostic` as `init` and `reestimated` do.
  public static func reestimated(
    graph: ModelGraph, weights: Weights, on dataset: Dataset, jobs: Int? = nil
  ) throws -> Weights {
    try BatchStatistics(graph: graph, dataset: dataset, jobs: jobs).reestimated(weights)
  }
}

extension Dataset {
  /// The examples at some places, one after another.
  fileprivate func gathered(_ places: [Int]) -> [Float] {
    let size = exampleSize
    var result: [Float] = []
    result.reserveCapacity(places.count * size)
    for place in places { result.append(contentsOf: examples[place * size..<(place + 1) * size]) }
    return result
  }
}
