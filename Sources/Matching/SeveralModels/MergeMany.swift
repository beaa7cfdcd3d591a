import LinearAlgebra
public import ModelGraph
public import Support
public import Tensors

/// Lines up several networks with each other, with none of them as the reference: Ainsworth et al.
/// 2023, algorithm 3, "MergeMany".
///
/// Each network in turn is matched to the mean of the others, until nothing moves. All networks end in
/// one arrangement of their units, so the permutation from one to a second and on to a third is the
/// one from the first to the third.
public enum MergeMany {
  /// What was found.
  public struct Result: Sendable {
    /// For each network, one permutation a group. Those of the first network are the identity: the
    /// common arrangement is its own.
    public var permutations: [[[Int]]]
    /// The sum of squared distances of all networks to their mean, over permuted tensors.
    public var objectiveBefore: Double
    /// The same after matching.
    public var objectiveAfter: Double
    /// How often all networks were visited.
    public var rounds: Int
  }

  /// Matches networks to their mean.
  ///
  /// - Parameters:
  ///   - models: two networks or more, under the same names and with the same axis order.
  ///   - groups: the axes that move together.
  ///   - options: seed, threads and sweeps; each match starts from the last one's result.
  ///   - initial: where the search starts, one permutation a group for each network; nil for the
  ///     networks as they are.
  ///   - maximumRounds: when to stop even if something still moves.
  ///   - progress: hears of every network in every round.
  /// - Throws: as `WeightMatching.match`; `Diagnostic(.usage)` for fewer than two networks.
  /// - Complexity: a weight matching a network and round, and memory for one more network.
  public static func match(
    _ models: [Weights], groups: [PermutationGroup],
    options: WeightMatching.Options = WeightMatching.Options(), initial: [[[Int]]]? = nil,
    maximumRounds: Int = 100, progress: ProgressHandler? = nil
  ) throws -> Result {
    guard models.count > 1 else {
      throw Diagnostic(.usage, "several networks are needed, not \(models.count)")
    }
    let names = objectiveTensors(groups)
    let identity = Permuting.identity(for: groups)
    let asTheyAre = Array(repeating: identity, count: models.count)
    for start in initial ?? [] { try MatchingProblem.validate(start: start, groups: groups) }
    var permutations = initial ?? asTheyAre
    guard permutations.count == models.count else {
      throw Diagnostic(
        .usage, "\(permutations.count) starts are not one for each of \(models.count) networks")
    }
    let before = spread(models, asTheyAre, groups)
    let source = SeededGenerator(seed: options.seed)
    var rounds = 0
    var moved = true
    while moved && rounds < maximumRounds {
      moved = false
      var generator = source.derived(UInt64(rounds))
      for (visit, index) in generator.permutation(count: models.count).enumerated() {
        let others = mean(of: models, permutations, groups, names, leavingOut: index)
        let found = try WeightMatching.match(
          others, models[index], groups: groups,
          options: WeightMatching.Options(
            seed: options.seed, restarts: options.restarts, maximumSweeps: options.maximumSweeps,
            jobs: options.jobs, initial: permutations[index]))
        if found.permutations != permutations[index] {
          permutations[index] = found.permutations
          moved = true
        }
        progress?(
          ProgressUpdate(
            "round \(rounds + 1)", completed: visit + 1, total: models.count,
            detail: moved ? "moving" : ""))
      }
      rounds += 1
    }
    let after = spread(models, permutations, groups)
    let first = permutations[0].map(Permuting.inverse)
    return Result(
      permutations: permutations.map { own in
        zip(own, first).map { permutation, back in back.map { permutation[$0] } }
      }, objectiveBefore: before, objectiveAfter: after, rounds: rounds)
  }

  /// The mean of the permuted networks but one, summed in Float64 one tensor at a time.
  private static func mean(
    of models: [Weights], _ permutations: [[[Int]]], _ groups: [PermutationGroup],
    _ names: [String], leavingOut skipped: Int?
  ) -> Weights {
    var result = models[0]
    for name in names {
      guard let shape = models[0][name]?.shape else { continue }
      var sums = Array(repeating: 0.0, count: shape.reduce(1, *))
      var count = 0.0
      for (index, model) in models.enumerated() where index != skipped {
        let gathers = Permuting.gathers(
          permutations[index], of: groups, shapes: [name: shape])
        guard let tensor = model[name], tensor.shape == shape else { continue }
        let values = (gathers[name]?.applied(to: tensor) ?? tensor).values
        for place in sums.indices { sums[place] += Double(values[place]) }
        count += 1
      }
      result[name] = Tensor(shape: shape, values: sums.map { Float($0 / max(1, count)) })
    }
    return result
  }

  private static func objectiveTensors(_ groups: [PermutationGroup]) -> [String] {
    Set(groups.flatMap(\.members).filter { !$0.isStatistic }.map(\.tensor)).sorted()
  }

  /// The sum of squared distances of permuted networks to their mean.
  static func spread(
    _ models: [Weights], _ permutations: [[[Int]]], _ groups: [PermutationGroup]
  ) -> Double {
    let centre = mean(
      of: models, permutations, groups, objectiveTensors(groups), leavingOut: nil)
    return zip(models, permutations).reduce(0.0) {
      $0 + MatchingProblem.objective(centre, $1.0, $1.1, of: groups)
    }
  }
}
