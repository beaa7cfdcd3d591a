import LinearAlgebra
public import ModelGraph
public import Support
public import Tensors

/// Finds the permutations of B's hidden units that bring its weights closest to A's.
///
/// Coordinate descent: all groups but one are held, and the one is matched exactly, as a linear
/// assignment problem. Ainsworth, Hayase and Srinivasa, "Git Re-Basin: Merging Models modulo Permutation
/// Symmetries", ICLR 2023, section 3.2. The optimum of all groups at once is NP-hard; several restarts
/// keep the best of the optima found.
public struct WeightMatching: Sendable {
  /// How to search.
  public struct Options: Sendable {
    /// Decides the order of groups and the starts of the restarts.
    public var seed: UInt64
    /// How many descents to make. The first starts from `initial`, the others from random
    /// permutations.
    public var restarts: Int
    /// When a descent stops even if it still gains.
    public var maximumSweeps: Int
    /// How many threads work; nil means one a processor. The result does not depend on it.
    public var jobs: Int?
    /// Where the first descent starts, one permutation a group; nil means B as it is.
    public var initial: [[Int]]?

    /// Makes options.
    public init(
      seed: UInt64 = 0, restarts: Int = 1, maximumSweeps: Int = 100, jobs: Int? = nil,
      initial: [[Int]]? = nil
    ) {
      self.seed = seed
      self.restarts = restarts
      self.maximumSweeps = maximumSweeps
      self.jobs = jobs
      self.initial = initial
    }
  }

  /// What was found.
  public struct Result: Sendable {
    /// One a group: unit `permutation[i]` of B is put in place i, beside unit i of A.
    public var permutations: [[Int]]
    /// The sum of squared differences over all tensors with a permuted axis, running statistics left
    /// out, in Float64, for B as it is.
    public var objectiveBefore: Double
    /// The same for the permuted B.
    public var objectiveAfter: Double
    /// How many sweeps over the groups the best descent made.
    public var sweeps: Int
    /// Which descent was best, from 0.
    public var restart: Int
    /// The time taken, in seconds.
    public var seconds: Double
    /// What was found beyond orders of units; nil where these alone were searched. The permutations then
    /// change nothing, and its transform does.
    public var gauge: GaugeMatch?

    /// Makes a result.
    public init(
      permutations: [[Int]], objectiveBefore: Double, objectiveAfter: Double, sweeps: Int,
      restart: Int = 0, seconds: Double = 0
    ) {
      self.permutations = permutations
      self.objectiveBefore = objectiveBefore
      self.objectiveAfter = objectiveAfter
      self.sweeps = sweeps
      self.restart = restart
      self.seconds = seconds
    }

    /// The best of several searches; of equal ones the first.
    init(bestOf outcomes: [CoordinateDescent.Outcome], objectiveBefore: Double, seconds: Double) {
      var best = 0
      for index in outcomes.indices where outcomes[index].objective < outcomes[best].objective {
        best = index
      }
      self.init(
        permutations: outcomes[best].permutations, objectiveBefore: objectiveBefore,
        objectiveAfter: outcomes[best].objective, sweeps: outcomes[best].sweeps, restart: best,
        seconds: seconds)
    }
  }

  /// Matches B to A.
  ///
  /// The result depends on the weights, the groups, the seed and the restarts alone.
  ///
  /// - Parameters:
  ///   - a: the network that stays.
  ///   - b: the network to permute, under the same names and with the same axis order.
  ///   - groups: the axes that move together.
  ///   - options: how to search.
  ///   - progress: hears of every sweep of a single descent, of every descent of several.
  /// - Throws: `Diagnostic`: `badData` where the networks do not fit the groups or hold numbers
  ///   that are not finite; `usage` where the options make no sense.
  /// - Complexity: a sweep takes 2·units·elements operations an axis, and an assignment a group.
  public static func match(
    _ a: Weights, _ b: Weights, groups: [PermutationGroup], options: Options = Options(),
    progress: ProgressHandler? = nil
  ) throws -> Result {
    let clock = ContinuousClock()
    let begin = clock.now
    guard options.restarts > 0, options.maximumSweeps > 0 else {
      throw Diagnostic(.usage, "a match needs at least one restart and one sweep")
    }
    let identity = Permuting.identity(for: groups)
    let first = options.initial ?? identity
    try MatchingProblem.validate(start: first, groups: groups)
    let problem = try MatchingProblem(
      a, b, groups: groups, keepsConstants: options.restarts > 1, jobs: options.jobs)
    // Descents side by side, or else the groups of one descent: never both.
    let isSingle = options.restarts == 1
    let descent = CoordinateDescent(
      problem: problem, maximumSweeps: options.maximumSweeps, jobs: isSingle ? options.jobs : 1)
    let source = SeededGenerator(seed: options.seed)
    let outcomes = try Parallel.map(count: options.restarts, jobs: options.jobs) { index in
      var generator = source.derived(UInt64(index))
      let start =
        index == 0 ? first : groups.map { generator.permutation(count: $0.size) }
      let outcome = try descent.run(
        from: start, generator: generator, beginsForward: index == 0
      ) { sweeps, moved in
        guard isSingle else { return }
        progress?(
          ProgressUpdate(
            "matching", completed: sweeps, total: options.maximumSweeps,
            detail: "\(moved) of \(groups.count) groups moved"))
      }
      if !isSingle {
        progress?(
          ProgressUpdate(
            "matching", completed: index + 1, total: options.restarts,
            detail: "objective \(outcome.objective)"))
      }
      return outcome
    }
    return Result(
      bestOf: outcomes, objectiveBefore: problem.objective(identity),
      seconds: (clock.now - begin) / .seconds(1))
  }
}
