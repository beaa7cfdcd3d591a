import LinearAlgebra
import Matching
import ModelGraph
import Support
import Tensors
import Testing

@Suite struct WeightMatchingTests {
  /// The sum that matching minimises, by definition: no module code but `Permuting.apply`.
  private func objective(
    _ a: Weights, _ b: Weights, _ groups: [PermutationGroup], _ permutations: [[Int]]
  ) -> Double {
    let permuted = Permuting.apply(permutations, of: groups, to: b)
    let names = Set(groups.flatMap(\.members).filter { !$0.isStatistic }.map(\.tensor))
    return names.sorted().reduce(0.0) { total, name in
      zip(a[name]?.values ?? [], permuted[name]?.values ?? []).reduce(total) {
        let difference = Double($1.0) - Double($1.1)
        return $0 + difference * difference
      }
    }
  }

  /// B is A with its units moved, exactly or with noise: matching must find the way back.
  @Test(arguments: Architecture.allCases, [0, 0.05] as [Float])
  func recoversAPlantedPermutation(_ architecture: Architecture, _ noise: Float) throws {
    for width in [7, 24, 33] {
      let groups = architecture.groups(width: width)
      let a = architecture.weights(width: width, seed: UInt64(width))
      let planted = Permuting.random(for: groups, seed: 77)
      let b = noisy(
        Permuting.apply(planted, of: groups, to: a), amount: noise, seed: 5)
      let result = try WeightMatching.match(
        a, b, groups: groups, options: .init(restarts: 8))
      #expect(result.permutations == planted.map(Permuting.inverse))
      if noise == 0 { #expect(result.objectiveAfter == 0) }
    }
  }

  /// Few inputs and outputs and a stream that every block reads and writes: plain descent finds the
  /// planted permutation of the harder of these about half of the time (of the stored threads on the
  /// published implementation, one in ten), restarts at least nine times in ten.
  @Test(arguments: [Architecture.residual, .tied])
  func restartsRecoverPlantedResidualNetworks(_ architecture: Architecture) throws {
    let groups = architecture.groups(width: 30)
    var found = 0
    for trial in 0..<100 as Range<UInt64> {
      var a = architecture.weights(width: 30, seed: trial)
      a["in"] = Tensor(shape: [4, 30], values: Array((a["in"]?.values ?? []).prefix(120)))
      a["out"] = Tensor(shape: [30, 2], values: Array((a["out"]?.values ?? []).prefix(60)))
      let planted = Permuting.random(for: groups, seed: 1000 + trial)
      let b = noisy(Permuting.apply(planted, of: groups, to: a), amount: 0.02, seed: trial)
      let result = try WeightMatching.match(
        a, b, groups: groups, options: .init(seed: trial, restarts: 8))
      if result.permutations == planted.map(Permuting.inverse) { found += 1 }
    }
    #expect(found >= 90)
  }

  /// Independent networks: the objective falls, and is what the permutations give.
  @Test(arguments: Architecture.allCases)
  func objectiveIsThatOfThePermutations(_ architecture: Architecture) throws {
    let groups = architecture.groups(width: 20)
    let a = architecture.weights(width: 20, seed: 1)
    let b = architecture.weights(width: 20, seed: 2)
    let result = try WeightMatching.match(a, b, groups: groups)
    let before = objective(a, b, groups, Permuting.identity(for: groups))
    let after = objective(a, b, groups, result.permutations)
    // Float64 sums of some thousand squares in another order.
    #expect(abs(result.objectiveBefore - before) < 1e-12 * before)
    #expect(abs(result.objectiveAfter - after) < 1e-12 * before)
    #expect(after < before)
    #expect(result.sweeps < 100)
  }

  /// One more sweep never makes it worse, and the last changes nothing.
  @Test(arguments: Architecture.allCases)
  func objectiveNeverRises(_ architecture: Architecture) throws {
    let groups = architecture.groups(width: 16)
    let a = architecture.weights(width: 16, seed: 3)
    let b = architecture.weights(width: 16, seed: 4)
    let end = try WeightMatching.match(a, b, groups: groups)
    var last = end.objectiveBefore
    for sweeps in 1...max(1, end.sweeps) {
      let result = try WeightMatching.match(
        a, b, groups: groups, options: .init(maximumSweeps: sweeps))
      #expect(result.objectiveAfter <= last)
      last = result.objectiveAfter
    }
    #expect(last == end.objectiveAfter)
    // A fixed point: the descent from where it ended goes nowhere.
    let again = try WeightMatching.match(
      a, b, groups: groups, options: .init(seed: 9, initial: end.permutations))
    #expect(again.permutations == end.permutations)
  }

  /// A fixed point of exact assignments: in a network of one group the assignment is the optimum.
  @Test func singleGroupIsSolvedExactly() throws {
    let group = PermutationGroup(
      name: "hidden", size: 6,
      members: [
        .init(tensor: "w", axis: 1, runs: [.init(start: 0)], isStatistic: false),
        .init(tensor: "v", axis: 0, runs: [.init(start: 0)], isStatistic: false),
      ])
    var generator = SeededGenerator(seed: 6)
    func tensor(_ shape: [Int]) -> Tensor {
      Tensor(shape: shape, values: (0..<shape[0] * shape[1]).map { _ in Float(generator.normal()) })
    }
    let a = ["w": tensor([4, 6]), "v": tensor([6, 3])]
    let b = ["w": tensor([4, 6]), "v": tensor([6, 3])]
    let result = try WeightMatching.match(a, b, groups: [group])
    var best = Double.infinity
    func descend(_ chosen: [Int]) {
      if chosen.count == 6 { best = min(best, objective(a, b, [group], [chosen])) }
      for unit in 0..<6 where !chosen.contains(unit) { descend(chosen + [unit]) }
    }
    descend([])
    #expect(abs(result.objectiveAfter - best) < 1e-12 * best)
  }

  @Test(arguments: Architecture.allCases)
  func resultDoesNotDependOnJobs(_ architecture: Architecture) throws {
    let groups = architecture.groups(width: 14)
    let a = architecture.weights(width: 14, seed: 5)
    let b = architecture.weights(width: 14, seed: 6)
    for restarts in [1, 5] {
      let results = try [1, 2, 4].map { jobs in
        try WeightMatching.match(
          a, b, groups: groups, options: .init(seed: 3, restarts: restarts, jobs: jobs))
      }
      for other in results.dropFirst() {
        #expect(other.permutations == results[0].permutations)
        #expect(other.objectiveAfter == results[0].objectiveAfter)
        #expect(other.restart == results[0].restart)
      }
    }
  }

  @Test func restartsNeverMakeItWorse() throws {
    let groups = Architecture.residual.groups(width: 18)
    let a = Architecture.residual.weights(width: 18, seed: 7)
    let b = Architecture.residual.weights(width: 18, seed: 8)
    let objectives = try [1, 2, 4, 8].map {
      try WeightMatching.match(a, b, groups: groups, options: .init(restarts: $0)).objectiveAfter
    }
    #expect(objectives == objectives.sorted(by: >))
    #expect((objectives.last ?? 0) < (objectives.first ?? 0))
  }

  @Test func refusesWhatDoesNotFit() throws {
    let groups = Architecture.multilayerPerceptron.groups(width: 8)
    let a = Architecture.multilayerPerceptron.weights(width: 8, seed: 1)
    for value in [Float.nan, .infinity] {
      var bad = a
      bad["w2"]?.values[5] = value
      #expect { try WeightMatching.match(a, bad, groups: groups) } throws: { error in
        (error as? Diagnostic)?.location == ["w2"] && (error as? Diagnostic)?.code == .badData
      }
    }
    var missing = a
    missing["b2"] = nil
    #expect(throws: Diagnostic.self) { try WeightMatching.match(a, missing, groups: groups) }
    let wider = Architecture.multilayerPerceptron.weights(width: 9, seed: 1)
    #expect(throws: Diagnostic.self) { try WeightMatching.match(a, wider, groups: groups) }
    #expect(throws: Diagnostic.self) {
      try WeightMatching.match(wider, wider, groups: Architecture.residual.groups(width: 8))
    }
    var twice = Permuting.identity(for: groups)
    twice[1][0] = 1
    for start in [[], [[0]], twice] {
      #expect(throws: Diagnostic.self) {
        try WeightMatching.match(a, a, groups: groups, options: .init(initial: start))
      }
    }
    #expect(throws: Diagnostic.self) {
      try WeightMatching.match(a, a, groups: groups, options: .init(restarts: 0))
    }
  }
}
