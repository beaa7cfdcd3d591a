import LinearAlgebra
import ModelGraph
public import Networks
import Support
import Tensors

/// Moves the symmetries of B on, from where comparing weights left them, until the networks between A and B
/// have the least loss: straight-through gradients (Ainsworth et al. 2023, algorithm 2) for every kind of
/// group.
///
/// Free weights, A's at first, are trained. In every step B is brought as close to them as its symmetries
/// allow, the loss is measured at a point between A and B, and the free weights take its gradient as if they
/// were B. Points are drawn from the middle fifth of the line, as the learned matching of transformers does
/// (Theus et al. 2025).
public struct GaugeLearning: Sendable {
  /// What the loss is measured on.
  public var examples: Dataset
  /// How often all examples are seen.
  public var epochs = 5
  /// The examples of a step.
  public var batchSize = 64
  /// Adam's learning rate at first; it falls to zero along half a cosine.
  public var learningRate = 0.001

  /// Learns on those examples.
  public init(examples: Dataset) { self.examples = examples }

  /// How many batches the loss is measured on, to keep the best.
  private static let probes = 8

  /// Keeps the best of the search that it is given and of its own after every epoch, by the loss at the
  /// midpoint on the same examples.
  ///
  /// - Throws: `Diagnostic` where the graph cannot be trained or the data do not fit.
  /// - Complexity: a forward and a backward pass and a sweep over the groups a step.
  func improve(
    _ search: inout GaugeSearch, graph: ModelGraph, seed: UInt64, progress: ProgressHandler?
  ) throws -> GaugeMatch.Learning {
    guard epochs > 0, examples.count > 0, batchSize > 0, learningRate > 0, learningRate.isFinite
    else { throw Diagnostic(.usage, "straight-through matching needs epochs, a batch and a rate") }
    // Gradients on one thread: the same sums, so the same result, for any number of jobs.
    let size = min(batchSize, examples.count)
    let loss = try LossGradient(graph: graph, dataset: examples, batchSizes: [size])
    let a = search.a
    let trained = Set(graph.parameters.filter { !$0.role.isStatistic }.map(\.tensor))
    let moved = Set(search.groups.flatMap(\.slices).map(\.tensor)).intersection(trained)
    var free = AdamWeights(a.filter { moved.contains($0.key) }, rate: learningRate)
    var current = search
    let source = SeededGenerator(seed: seed)
    var drawing = source.derived(0)
    let probe = drawing.permutation(count: examples.count)
    let steps = examples.count / size
    let before = try measure(loss, a, current.b, probe, size)
    var best = before
    for epoch in 0..<epochs {
      var generator = source.derived(UInt64(epoch + 1))
      let order = generator.permutation(count: examples.count)
      for step in 0..<steps {
        guard !Task.isCancelled else { throw Diagnostic(.interrupted, "matching was interrupted") }
        let done = epoch * steps + step
        let place = 0.4 + 0.2 * generator.uniform()
        let found = try loss.evaluate(
          Self.between(a, current.b, place),
          examples: Array(order[(step * size)..<((step + 1) * size)]), seed: UInt64(done))
        guard found.loss.isFinite else {
          throw Diagnostic(
            .failed, "the loss between the networks is not finite",
            remedy: "use a lower learning rate")
        }
        let share = Double(done) / Double(epochs * steps)
        free.step(
          found.gradients.filter { moved.contains($0.key) },
          factor: 0.5 + 0.5 * Rotations.cosine(.pi * share))
        try current.follow(a.merging(free.values) { $1 }, sweeps: 1)
        progress?(
          ProgressUpdate(
            "straight-through", completed: done + 1, total: epochs * steps,
            detail: "loss \((found.loss * 10_000).rounded() / 10_000)"))
      }
      let now = try measure(loss, a, current.b, probe, size)
      if now < best {
        best = now
        search = current
      }
    }
    search.turn(to: a)
    return GaugeMatch.Learning(steps: epochs * steps, lossBefore: before, lossAfter: best)
  }

  private func measure(
    _ loss: LossGradient, _ a: Weights, _ b: Weights, _ probe: [Int], _ size: Int
  ) throws -> Double {
    let weights = Self.between(a, b, 0.5)
    let count = min(Self.probes, probe.count / size)
    var sum = 0.0
    for batch in 0..<count {
      sum += try loss.evaluate(
        weights, examples: Array(probe[(batch * size)..<((batch + 1) * size)])
      ).loss
    }
    return sum / Double(count)
  }

  private static func between(_ a: Weights, _ b: Weights, _ place: Double) -> Weights {
    let share = Float(place)
    var result = a
    for (name, tensor) in a {
      guard let other = b[name] else { continue }
      var values = tensor.values
      for index in values.indices { values[index] += share * (other.values[index] - values[index]) }
      result[name] = Tensor(shape: tensor.shape, values: values)
    }
    return result
  }
}
