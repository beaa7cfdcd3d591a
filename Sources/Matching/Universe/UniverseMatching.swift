import LinearAlgebra
public import ModelGraph
public import Support
public import Tensors

/// Lines up several networks with each other through a common arrangement that is none's own, the
/// universe: Crisostomi et al., "C²M³: Cycle-Consistent Multi-Model Merging", NeurIPS 2024.
///
/// Every network has one permutation to the universe, so that going from one network to a second, on
/// to a third and back is going nowhere. The sum of the inner products of all pairs is climbed by
/// the Frank-Wolfe method, for all networks and groups at once. Along a step it is a polynomial of
/// fourth degree in the step's length, whose coefficients are inner products: the best length is
/// exact and costs no evaluation of the objective.
public enum UniverseMatching {
  /// When a run stops although it still gains.
  static let maximumSteps = 200

  /// Matches networks to their universe, then polishes network by network (`MergeMany`).
  ///
  /// The first run starts with the first network in place and the others at the barycentre; in
  /// further ones these start halfway to random permutations. The best after polishing is kept.
  ///
  /// - Parameters:
  ///   - models: two networks or more, under the same names and with the same axis order.
  ///   - groups: the axes that move together.
  ///   - options: seed, restarts and threads.
  ///   - polishes: whether `MergeMany` follows.
  /// - Returns: the permutations into the first network's arrangement; `rounds` counts the steps of
  ///   Frank-Wolfe and the rounds of polishing.
  /// - Throws: as `MergeMany.match`; `Diagnostic(.usage)` where a tensor has three permuted axes.
  /// - Complexity: a step takes a sweep of coordinate descent a network; memory for three more
  ///   copies of each network.
  public static func match(
    _ models: [Weights], groups: [PermutationGroup],
    options: WeightMatching.Options = WeightMatching.Options(), polishes: Bool = true,
    progress: ProgressHandler? = nil
  ) throws -> MergeMany.Result {
    guard models.count > 1 else {
      throw Diagnostic(.usage, "several networks are needed, not \(models.count)")
    }
    guard options.restarts > 0, options.maximumSweeps > 0 else {
      throw Diagnostic(.usage, "a match needs at least one restart and one sweep")
    }
    for other in models.dropFirst() {
      try MatchingProblem.validate(models[0], other, groups: groups)
    }
    let source = SeededGenerator(seed: options.seed)
    var best: MergeMany.Result?
    for restart in 0..<options.restarts {
      var generator = source.derived(UInt64(restart))
      var run = try UniverseRun(models, groups: groups, jobs: options.jobs)
      if restart > 0 {
        let first = Permuting.identity(for: groups)
        try run.move(
          to: models.indices.map { model in
            model == 0 ? first : groups.map { generator.permutation(count: $0.size) }
          }, by: 0.5)
      }
      let steps = try run.climb(maximumSteps: maximumSteps) { step in
        progress?(
          ProgressUpdate(
            options.restarts > 1 ? "universe, start \(restart + 1)" : "universe", completed: step,
            total: maximumSteps))
      }
      var single = options
      single.restarts = 1
      var found = try MergeMany.match(
        models, groups: groups, options: single, initial: try run.rounded(),
        maximumRounds: polishes ? 100 : 0, progress: progress)
      found.rounds += steps
      if best.map({ found.objectiveAfter < $0.objectiveAfter }) ?? true { best = found }
    }
    guard let best else { preconditionFailure("there is a start") }
    return best
  }
}
