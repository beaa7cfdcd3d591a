import LinearAlgebra
public import ModelGraph
public import Support
public import Tensors

/// Weight matching of all groups at once: the Frank-Wolfe method over doubly stochastic matrices,
/// as in Crisostomi et al., "C²M³: Cycle-Consistent Multi-Model Merging", NeurIPS 2024, with the
/// exact step.
///
/// The objective has each permutation matrix at most once on each of a tensor's two axes: along a
/// step it is a parabola, and its gradient is linear. So the best step has a closed form, and the
/// gradient after a step is the mixture of the gradients at its two ends, of which the new one is
/// at a permutation: the same products as coordinate descent, and no evaluation of the objective.
public enum FrankWolfe {
  /// When a run stops although it still gains.
  static let maximumSteps = 200

  /// Matches B to A, then polishes by coordinate descent.
  ///
  /// The first run starts from `options.initial`, or where there is none from the barycentre, where
  /// every unit is in every place; further ones halfway between the barycentre and a random
  /// permutation. The best after polishing is kept.
  ///
  /// - Parameter polishes: whether coordinate descent follows.
  /// - Throws: as `WeightMatching.match`; `Diagnostic(.usage)` where a tensor has three permuted axes.
  /// - Complexity: a step takes what a sweep of coordinate descent without incremental products
  ///   does.
  public static func match(
    _ a: Weights, _ b: Weights, groups: [PermutationGroup],
    options: WeightMatching.Options = WeightMatching.Options(), polishes: Bool = true,
    progress: ProgressHandler? = nil
  ) throws -> WeightMatching.Result {
    let clock = ContinuousClock()
    let begin = clock.now
    guard options.restarts > 0, options.maximumSweeps > 0 else {
      throw Diagnostic(.usage, "a match needs at least one restart and one sweep")
    }
    let identity = Permuting.identity(for: groups)
    if let initial = options.initial {
      try MatchingProblem.validate(start: initial, groups: groups)
    }
    let problem = try MatchingProblem(
      a, b, groups: groups, keepsConstants: options.restarts > 1, jobs: options.jobs)
    try checkDegree(problem)
    let descent = CoordinateDescent(
      problem: problem, maximumSweeps: options.maximumSweeps,
      jobs: options.restarts == 1 ? options.jobs : 1)
    let source = SeededGenerator(seed: options.seed)
    let outcomes = try Parallel.map(count: options.restarts, jobs: options.jobs) { index in
      var generator = source.derived(UInt64(index))
      var run = try FrankWolfeRun(
        problem, start: index == 0 ? options.initial : nil,
        jobs: options.restarts == 1 ? options.jobs : 1)
      if index > 0 {
        try run.move(to: groups.map { generator.permutation(count: $0.size) }, by: 0.5)
      }
      let steps = try run.climb(maximumSteps: maximumSteps) { step in
        guard options.restarts == 1 else { return }
        progress?(ProgressUpdate("Frank-Wolfe", completed: step, total: maximumSteps))
      }
      var outcome = CoordinateDescent.Outcome(
        permutations: try run.rounded(), objective: 0, sweeps: steps)
      if polishes {
        outcome.permutations = try descent.run(
          from: outcome.permutations, generator: generator, beginsForward: false
        ) { _, _ in }.permutations
      }
      outcome.objective = problem.objective(outcome.permutations)
      if options.restarts > 1 {
        progress?(
          ProgressUpdate(
            "Frank-Wolfe", completed: index + 1, total: options.restarts,
            detail: "objective \(outcome.objective)"))
      }
      return outcome
    }
    return WeightMatching.Result(
      bestOf: outcomes, objectiveBefore: problem.objective(identity),
      seconds: (clock.now - begin) / .seconds(1))
  }

  /// Refuses tensors whose objective would be of third degree.
  private static func checkDegree(_ problem: MatchingProblem) throws {
    for term in problem.terms.joined() {
      guard term.permutedAxisCount <= 1 else {
        throw Diagnostic(
          .usage, "Frank-Wolfe matching takes tensors with at most two permuted axes",
          at: [term.tensor], remedy: "use \(setting: .method) weights")
      }
    }
  }
}
