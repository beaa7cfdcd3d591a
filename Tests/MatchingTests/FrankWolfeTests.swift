import LinearAlgebra
import Matching
import ModelGraph
import Support
import Tensors
import Testing

@Suite("Frank-Wolfe matching") struct FrankWolfeTests {
  @Test("finds the way back", arguments: Architecture.allCases, [0, 0.05] as [Float])
  func recoversAPlantedPermutation(_ architecture: Architecture, _ noise: Float) throws {
    for width in [7, 24] {
      let groups = architecture.groups(width: width)
      let a = architecture.weights(width: width, seed: UInt64(width))
      let planted = Permuting.random(for: groups, seed: 77)
      let b = noisy(Permuting.apply(planted, of: groups, to: a), amount: noise, seed: 5)
      let result = try FrankWolfe.match(a, b, groups: groups, options: .init(restarts: 4))
      #expect(result.permutations == planted.map(Permuting.inverse))
      if noise == 0 { #expect(result.objectiveAfter == 0) }
    }
  }

  /// The small residual networks on which one coordinate descent sticks (the peer's recovers 10 of
  /// 100): Frank-Wolfe moves all groups at once. Measured: one descent finds 84, one climb 100.
  @Test("small residual networks: Frank-Wolfe beside restarts")
  func residual() throws {
    let groups = Architecture.residual.groups(width: 30)
    var recovered = (descent: 0, frankWolfe: 0, restarts: 0)
    for trial in 0..<100 as Range<UInt64> {
      var a = Architecture.residual.weights(width: 30, seed: trial)
      a["in"] = Tensor(shape: [4, 30], values: Array((a["in"]?.values ?? []).prefix(120)))
      a["out"] = Tensor(shape: [30, 2], values: Array((a["out"]?.values ?? []).prefix(60)))
      let planted = Permuting.random(for: groups, seed: 1000 + trial)
      let b = noisy(Permuting.apply(planted, of: groups, to: a), amount: 0.02, seed: trial)
      let wanted = planted.map(Permuting.inverse)
      let descent = try WeightMatching.match(a, b, groups: groups, options: .init(seed: trial))
      let climb = try FrankWolfe.match(a, b, groups: groups, options: .init(seed: trial))
      let climbs = try FrankWolfe.match(
        a, b, groups: groups, options: .init(seed: trial, restarts: 8))
      recovered.descent += descent.permutations == wanted ? 1 : 0
      recovered.frankWolfe += climb.permutations == wanted ? 1 : 0
      recovered.restarts += climbs.permutations == wanted ? 1 : 0
    }
    #expect(recovered.frankWolfe > recovered.descent)
    #expect(recovered.frankWolfe >= 95)
    #expect(recovered.restarts >= 90)
  }

  /// Ten networks with two hidden layers of five units: all 14,400 pairs of permutations are tried.
  @Test("reaches the best of all permutations")
  func bestOfAll() throws {
    let all = permutations(of: 5)
    var reached = 0
    for trial in 0..<10 as Range<UInt64> {
      let groups = Array(Architecture.multilayerPerceptron.groups(width: 5).prefix(2))
      let a = Architecture.multilayerPerceptron.weights(width: 5, seed: 2 * trial)
      let b = Architecture.multilayerPerceptron.weights(width: 5, seed: 2 * trial + 1)
      var best = Double.infinity
      for first in all {
        let outer = Permuting.apply([first], of: [groups[0]], to: b)
        for second in all {
          best = min(
            best,
            Permuting.squaredDistance(
              a, outer, [Array(0..<5), second], of: groups))
        }
      }
      let found = try FrankWolfe.match(a, b, groups: groups, options: .init(restarts: 8))
      #expect(found.objectiveAfter >= best - 1e-9)
      #expect(
        abs(
          found.objectiveAfter
            - Permuting.squaredDistance(a, b, found.permutations, of: groups)) < 1e-9)
      if found.objectiveAfter < best + 1e-9 { reached += 1 }
    }
    #expect(reached >= 9)
  }

  @Test("the same for any number of jobs; no worse after polishing")
  func jobs() throws {
    let groups = Architecture.residual.groups(width: 20)
    let a = Architecture.residual.weights(width: 20, seed: 1)
    let b = Architecture.residual.weights(width: 20, seed: 2)
    let one = try FrankWolfe.match(a, b, groups: groups, options: .init(restarts: 3, jobs: 1))
    let two = try FrankWolfe.match(a, b, groups: groups, options: .init(restarts: 3, jobs: 2))
    #expect(one.permutations == two.permutations)
    let raw = try FrankWolfe.match(
      a, b, groups: groups, options: .init(restarts: 3), polishes: false)
    #expect(one.objectiveAfter <= raw.objectiveAfter + 1e-9)
    #expect(raw.objectiveAfter < raw.objectiveBefore)
  }

  private func permutations(of count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return permutations(of: count - 1).flatMap { rest in
      (0...rest.count).map { place in
        var longer = rest
        longer.insert(count - 1, at: place)
        return longer
      }
    }
  }
}
