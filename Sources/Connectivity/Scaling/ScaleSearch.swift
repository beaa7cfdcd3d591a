import LinearAlgebra
public import ModelGraph
public import Networks
public import Support
public import Tensors

/// Finds the scales of B's units with which the straight line to A is lowest.
///
/// Scaling changes nothing about what B computes, and everything about what lies between B and A:
/// averaged channels are averages by length. In every step a place t of the line is drawn uniformly,
/// and the logarithms of the factors follow the gradient of a batch's loss there, by Adam (Kingma and
/// Ba 2015). Batch normalisation takes the statistics of the batch, as `Repair.reset` does.
///
/// Large factors make units pass from A's to B's at different places of the line, so that it is longer
/// in L2 than the one without them: it says that a straight connection exists between A and a network
/// that computes what B does, not that the two were near.
public struct ScaleSearch: Sendable {
  /// How often all examples are seen.
  public var epochs: Double
  /// The number of examples of a step.
  public var batchSize: Int
  /// Adam's learning rate, which falls linearly to a fiftieth.
  public var learningRate: Double
  /// Decides the places and the examples.
  public var seed: UInt64

  /// Makes a search.
  public init(
    epochs: Double = 2, batchSize: Int = 256, learningRate: Double = 0.05, seed: UInt64 = 0
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.seed = seed
  }

  /// What was found.
  public struct Result: Sendable {
    /// The factors.
    public var scales: UnitScales
    /// The scaled B.
    public var weights: Weights
    /// By how much the scaled B's loss differs from B's, on up to 1000 examples: rounding.
    public var lossChange: Double
  }

  /// Scales B's units for the line from A. The same seed gives the same bytes.
  ///
  /// - Parameters:
  ///   - a: the network that stays.
  ///   - b: the network to scale, best with its units lined up with A's.
  ///   - groups: the permutation groups of the graph.
  ///   - dataset: training examples.
  /// - Throws: `Diagnostic` of code `usage` where no unit can be scaled, or the network cannot be
  ///   trained on the data.
  /// - Complexity: a forward and a backward pass over the examples an epoch.
  public func search(
    _ a: Weights, _ b: Weights, graph: ModelGraph, groups: [PermutationGroup], on dataset: Dataset,
    progress: ProgressHandler? = nil
  ) throws -> Result {
    guard epochs > 0, batchSize > 0, dataset.count > 0, learningRate > 0 else {
      throw Diagnostic(.usage, "scales are searched on at least one example")
    }
    var scales = UnitScales(groups: graph.scaleGroups(groups), of: b)
    guard !scales.groups.isEmpty else {
      throw Diagnostic(
        .usage,
        "the network has no hidden units that could be scaled without changing what it does",
        remedy: "only units behind ReLU, or before batch normalisation, have this freedom")
    }
    let size = min(batchSize, dataset.count)
    let perEpoch = max(1, dataset.count / size)
    let steps = max(1, Int((epochs * Double(perEpoch)).rounded()))
    let loss = try LossGradient(graph: graph, dataset: dataset, batchSizes: [size])
    let source = SeededGenerator(seed: seed)
    var adam = AdamScales(scales)
    var order: [Int] = []
    var generator = source
    var mean = 0.0
    for step in 0..<steps {
      guard !Task.isCancelled else { throw Diagnostic(.interrupted, "the search was interrupted") }
      let place = step % perEpoch
      if place == 0 {
        generator = source.derived(UInt64(step / perEpoch))
        order = generator.permutation(count: dataset.count)
      }
      let t = generator.uniform()
      let scaled = scales.applied(to: b)
      let batch = try loss.evaluate(
        LinearPath.point(a, scaled, at: t),
        examples: Array(order[place * size..<(place + 1) * size]), seed: seed &+ UInt64(step))
      guard batch.loss.isFinite else {
        throw Diagnostic(.failed, "the loss on the line is not finite in step \(step + 1)")
      }
      mean += (step == 0 ? 1 : 0.05) * (batch.loss - mean)
      let gradient = scales.gradient(batch.gradients, at: scaled).map { $0.map { t * $0 } }
      let rate = learningRate * (1 - 0.98 * Double(step) / Double(steps))
      adam.step(&scales, gradient, rate: rate)
      if step % 8 == 7 || step + 1 == steps {
        progress?(
          ProgressUpdate(
            "scales", completed: step + 1, total: steps,
            detail: "loss \((mean * 1e4).rounded() / 1e4)"))
      }
    }
    let scaled = scales.applied(to: b)
    let judge = try Evaluator(graph: graph, dataset: dataset.sample(1000, seed: seed), jobs: 1)
    return Result(
      scales: scales, weights: scaled,
      lossChange: try abs(judge.evaluate(scaled).loss - judge.evaluate(b).loss))
  }
}

/// Adam on the logarithms of factors.
private struct AdamScales {
  private var means: [[Double]]
  private var squares: [[Double]]
  private var powers = (1.0, 1.0)

  init(_ scales: UnitScales) {
    means = scales.logarithms.map { $0.map { _ in 0 } }
    squares = means
  }

  mutating func step(_ scales: inout UnitScales, _ gradient: [[Double]], rate: Double) {
    powers = (powers.0 * 0.9, powers.1 * 0.999)
    for group in gradient.indices {
      for unit in gradient[group].indices {
        let slope = gradient[group][unit]
        means[group][unit] += 0.1 * (slope - means[group][unit])
        squares[group][unit] += 0.001 * (slope * slope - squares[group][unit])
        let size = (squares[group][unit] / (1 - powers.1)).squareRoot() + 1e-8
        scales.logarithms[group][unit] -= rate * means[group][unit] / (1 - powers.0) / size
      }
    }
    scales.clamp()
  }
}
