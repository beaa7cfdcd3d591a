import LinearAlgebra
public import ModelGraph
public import Networks
public import Support
public import Tensors

/// Finds the permutations of B whose midpoint with A has the least loss, by straight-through
/// gradients: Ainsworth et al. 2023, algorithm 2.
///
/// Free weights, A's at first, are trained. In every step B is permuted to come closest to them, the
/// loss is measured at the midpoint of A and the permuted B, and the free weights take its gradient
/// as if they were the permuted B themselves. The permutation of the best batch is kept.
public enum StraightThrough {
  /// How the free weights are trained.
  public struct Options: Sendable, Hashable {
    /// How often all examples are seen.
    public var epochs: Int
    /// The examples of a step.
    public var batchSize: Int
    /// Adam's learning rate.
    public var learningRate: Double

    /// Makes options.
    public init(epochs: Int = 5, batchSize: Int = 512, learningRate: Double = 0.001) {
      self.epochs = epochs
      self.batchSize = batchSize
      self.learningRate = learningRate
    }
  }

  /// Matches B to A on data.
  ///
  /// - Parameters:
  ///   - search: seed, threads, and the permutations to start from (nil: weight matching's).
  ///   - options: how the free weights are trained.
  /// - Throws: `Diagnostic` where the graph cannot be trained or the data do not fit.
  /// - Complexity: a forward and a backward pass and a weight matching from the last one's result
  ///   in every step.
  public static func match(
    _ a: Weights, _ b: Weights, graph: ModelGraph, groups: [PermutationGroup], examples: Dataset,
    search: WeightMatching.Options = WeightMatching.Options(), options: Options = Options(),
    progress: ProgressHandler? = nil
  ) throws -> WeightMatching.Result {
    let clock = ContinuousClock()
    let begin = clock.now
    guard options.epochs > 0, examples.count > 0, options.batchSize > 0, options.learningRate > 0,
      options.learningRate.isFinite
    else { throw Diagnostic(.usage, "straight-through matching needs epochs, a batch and a rate") }
    // Gradients on one thread: the same sums, so the same result, for any number of jobs.
    let batchSize = min(options.batchSize, examples.count)
    let loss = try LossGradient(graph: graph, dataset: examples, batchSizes: [batchSize])
    let trained = graph.parameters.filter { !$0.role.isStatistic }.map(\.tensor)
    var free = AdamWeights(a.filter { trained.contains($0.key) }, rate: options.learningRate)
    var current =
      try search.initial
      ?? WeightMatching.match(a, b, groups: groups, options: search).permutations
    var best = (loss: Double.infinity, permutations: current)
    let source = SeededGenerator(seed: search.seed)
    let steps = examples.count / batchSize
    for epoch in 0..<options.epochs {
      var generator = source.derived(UInt64(epoch))
      let order = generator.permutation(count: examples.count)
      for step in 0..<steps {
        guard !Task.isCancelled else { throw Diagnostic(.interrupted, "matching was interrupted") }
        if epoch + step > 0 {
          current = try WeightMatching.match(
            a.merging(free.values) { $1 }, b, groups: groups,
            options: WeightMatching.Options(
              seed: search.seed, maximumSweeps: search.maximumSweeps, jobs: search.jobs,
              initial: current)
          ).permutations
        }
        let permuted = Permuting.apply(current, of: groups, to: b)
        let batch = order[step * batchSize..<(step + 1) * batchSize]
        let found = try loss.evaluate(
          midpoint(a, permuted), examples: Array(batch), seed: UInt64(epoch * steps + step))
        let value = found.loss
        guard value.isFinite else {
          throw Diagnostic(
            .failed, "the loss at the midpoint is not finite",
            remedy: "use a lower learning rate")
        }
        if value < best.loss { best = (value, current) }
        free.step(found.gradients)
        progress?(
          ProgressUpdate(
            "straight-through", completed: epoch * steps + step + 1,
            total: options.epochs * steps, detail: "loss \((value * 10_000).rounded() / 10_000)"))
      }
    }
    return WeightMatching.Result(
      permutations: best.permutations,
      objectiveBefore: MatchingProblem.objective(
        a, b, Permuting.identity(for: groups), of: groups),
      objectiveAfter: MatchingProblem.objective(a, b, best.permutations, of: groups),
      sweeps: options.epochs * steps, restart: 0, seconds: (clock.now - begin) / .seconds(1))
  }

  private static func midpoint(_ a: Weights, _ b: Weights) -> Weights {
    var result = a
    for (name, tensor) in a {
      guard let other = b[name] else { continue }
      var values = tensor.values
      for index in values.indices { values[index] = 0.5 * (values[index] + other.values[index]) }
      result[name] = Tensor(shape: tensor.shape, values: values)
    }
    return result
  }
}
