import CKernels
public import ModelGraph
import Synchronization
import Support
public import Tensors

/// Products of the second derivatives of a network's loss with directions, exactly, by forward over
/// reverse on the operations that compute the gradient (Pearlmutter 1994).
///
/// The loss is the mean over all examples of the data set, by the data's objective. Layers behave as when
/// the network is run: no dropout, and batch normalisation by the running statistics, unless those of the
/// batch are asked for. Everything is computed in Float32, sums over batches in Float64 and in the order
/// of the batches, so that a product is the same for any number of jobs.
///
/// A product costs two passes where what does not depend on the direction is kept in memory, as it is
/// where there is room; otherwise three. Used by one thread at a time.
public final class LossHessian: Sendable {
  /// What batch normalisation normalises by.
  public enum Normalization: String, Sendable, Hashable, CaseIterable {
    /// The statistics that the network's file holds, as when it is evaluated.
    case running
    /// Those of each batch, as in training.
    case batch
  }

  /// A tensor that directions are of.
  public struct Parameter: Sendable, Hashable {
    /// Its name in the file.
    public var name: String
    /// Its shape in the file.
    public var shape: [Int]
    /// The number of its elements.
    public var count: Int { shape.reduce(1, *) }
  }

  /// The tensors that directions are of, one after another in this order.
  public let parameters: [Parameter]
  /// The number of elements of a direction.
  public let dimension: Int
  /// The mean loss over all examples.
  public let loss: Double
  /// What the outputs are measured by.
  public var objective: Objective { measured.objective }
  /// The number of examples.
  public var exampleCount: Int { measured.dataset.count }
  /// Whether what does not depend on the direction is kept.
  public let keepsPrimal: Bool

  private let measured: Measured<Lane>
  private let batches: [Range<Int>]
  private let lanes: [Lane]
  /// The weights, which programs read where they lie.
  private let store: ParameterStore
  private let running = Mutex<Void>(())

  /// Compiles a network for a data set and computes its loss.
  ///
  /// - Parameters:
  ///   - weights: every tensor of the graph, in the layout of its file.
  ///   - dataset: the examples.
  ///   - tensors: the names of the tensors that directions are of; nil means all that are trained.
  ///   - normalization: what batch normalisation normalises by.
  ///   - batchSize: how many examples are computed at once. It changes the result by rounding only,
  ///     unless the normalisation is by the batch.
  ///   - memoryLimit: how many bytes may be used to keep what does not depend on the direction.
  ///   - jobs: how many batches are computed side by side; nil means one a processor.
  /// - Throws: `Diagnostic` where the network has a layer without a rule, a weight or the loss is not
  ///   finite, a name is not among the trained tensors, or the data do not fit.
  public init(
    graph: ModelGraph, weights: Weights, dataset: Dataset, tensors: Set<String>? = nil,
    normalization: Normalization = .running, batchSize: Int = 256,
    memoryLimit: Int = 1 << 30, jobs: Int? = nil
  ) throws {
    guard dataset.count > 0 else { throw Diagnostic(.usage, "there are no examples") }
    if let broken = weights.keys.sorted().first(where: { weights[$0]?.firstNonFinite != nil }) {
      throw Diagnostic(
        .badData, "the tensor has an element that is not finite: such a network has no derivatives",
        at: [broken])
    }
    let size = max(1, min(batchSize, dataset.count))
    let batches = stride(from: 0, to: dataset.count, by: size).map {
      $0..<min(dataset.count, $0 + size)
    }
    var options = ProgramOptions(
      differentiatesTwice: true, normalizesByBatch: normalization == .batch)
    var used = options
    var shared = try ParameterStore(isTrained: false)
    let measured = try Measured(
      graph, dataset, options: options,
      shapes: { (lane: Lane) in (lane.inputShape, lane.outputShape) }
    ) { asked in
      used = asked
      shared = try ParameterStore(isTrained: false)
      return try Lane(graph: graph, sizes: [size], options: asked, store: shared)
    }
    options = used
    let width = max(1, min(jobs ?? Parallel.processorCount, batches.count))
    options.keepsPrimal = true
    let trial = try Lane(graph: graph, sizes: [size], options: options, store: shared)
    let keeps = trial.byteCount <= memoryLimit / batches.count
    options.keepsPrimal = keeps
    let fixed = options
    let final = shared
    self.batches = batches
    self.measured = measured
    keepsPrimal = keeps
    self.store = final
    lanes = try (0..<width).map { index in
      let own = batches.indices.filter { $0 % width == index }
      return try Lane(
        graph: graph, sizes: own.map { batches[$0].count }, options: fixed, store: final)
    }
    let trained = lanes[0].directions.ordered.map {
      Parameter(name: $0.parameter.tensor, shape: $0.parameter.shape)
    }
    if let tensors, let unknown = tensors.subtracting(trained.map(\.name)).min() {
      throw Diagnostic(
        .usage, "the network trains no tensor of this name", at: [unknown],
        remedy: "it trains \(trained.map(\.name).joined(separator: ", "))")
    }
    parameters = trained.filter { tensors?.contains($0.name) ?? true }
    dimension = parameters.reduce(0) { $0 + $1.count }
    guard dimension > 0 else {
      throw Diagnostic(.usage, "the network has no weights to differentiate by")
    }
    try final.load(weights)
    for lane in lanes { lane.makeRoom(dimension) }
    let (allLanes, data) = (lanes, measured)
    try Parallel.forEach(count: width, jobs: width) { index in
      try ThreadLimit.with(1) { try allLanes[index].prepare() }
    }
    var total = 0.0
    for start in stride(from: 0, to: batches.count, by: width) {
      let parts = try Parallel.map(count: min(width, batches.count - start), jobs: width) { lane in
        try ThreadLimit.with(1) {
          try allLanes[lane].primal(start / width, batches[start + lane], data)
        }
      }
      total = parts.reduce(total, +)
    }
    loss = total / Double(dataset.count)
    guard loss.isFinite else {
      throw Diagnostic(
        .badData, "the network's loss on the data is not finite: it has no derivatives")
    }
  }

  /// The product of the second derivatives with a direction.
  ///
  /// - Parameter direction: `dimension` numbers, the tensors of `parameters` one after another, each in
  ///   the layout of its file.
  /// - Returns: as many numbers in the same order.
  /// - Throws: `Diagnostic` where an operation fails.
  /// - Complexity: two gradients, or three where nothing is kept.
  public func product(_ direction: [Double]) throws -> [Double] {
    precondition(direction.count == dimension, "a direction has a number for every weight")
    return try running.withLock { _ in
      // Directions are scaled to length 1: theirs may be far from what Float32 has digits for.
      let length = direction.withUnsafeBufferPointer { values in
        values.baseAddress.map { wsl_sum_squares($0, Int64(values.count)) } ?? 0
      }.squareRoot()
      guard length > 0 else { return direction }
      lanes[0].write(direction, scale: 1 / length)
      for lane in lanes { try lane.loadDirection(of: parameters, from: lanes[0]) }
      // The first batch writes to the result, the others add to it.
      return try Array(unsafeUninitializedCapacity: dimension) { total, count in
        try sum(length: length, into: total)
        count = dimension
      }
    }
  }

  /// The sum over the batches, in their order.
  private func sum(length: Double, into total: UnsafeMutableBufferPointer<Double>) throws {
    let (lanes, batches, measured, keeps) = (lanes, batches, measured, keepsPrimal)
    let parameters = parameters
    let width = lanes.count
    for start in stride(from: 0, to: batches.count, by: width) {
      guard !Task.isCancelled else {
        throw Diagnostic(.interrupted, "interrupted", remedy: "run it again")
      }
      let count = min(width, batches.count - start)
      try Parallel.forEach(count: count, jobs: width) { index in
        try ThreadLimit.with(1) {
          let (lane, range) = (lanes[index], batches[start + index])
          let place = start / width
          if !keeps { _ = try lane.primal(place, range, measured) }
          try lane.tangent(place, range, measured)
          try lane.unloadProduct(of: parameters)
        }
      }
      for index in 0..<count {
        let share = length * Double(batches[start + index].count) / Double(exampleCount)
        lanes[index].addProduct(share, isFirst: start + index == 0, to: total)
      }
    }
  }
}
