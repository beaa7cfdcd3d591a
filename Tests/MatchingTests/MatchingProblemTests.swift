import LinearAlgebra
import ModelGraph
import Tensors
import Testing

@testable import Matching

@Suite("The inner products of units") struct MatchingProblemTests {
  /// By definition: for every member, B with all its other axes permuted, unit beside unit.
  private func costs(
    _ a: Weights, _ b: Weights, _ groups: [PermutationGroup], _ group: Int,
    _ permutations: [[Int]]
  ) -> [Double] {
    let units = groups[group].size
    var costs = Array(repeating: 0.0, count: units * units)
    for member in groups[group].members where !member.isStatistic {
      var others = groups
      others[group].members.removeAll { $0 == member }
      let permuted = Permuting.apply(permutations, of: others, to: b)
      let shape = a[member.tensor]?.shape ?? []
      let inner = shape[(member.axis + 1)...].reduce(1, *)
      func elements(_ weights: Weights, _ unit: Int) -> [Float] {
        let values = weights[member.tensor]?.values ?? []
        return values.indices.filter { index in
          let entry = index / inner % shape[member.axis]
          return member.runs.contains {
            (entry - $0.start) / $0.width == unit && entry >= $0.start
          }
        }.map { values[$0] }
      }
      let rows = (0..<units).map { elements(a, $0) }
      let columns = (0..<units).map { elements(permuted, $0) }
      for row in 0..<units {
        for column in 0..<units {
          costs[row * units + column] -= zip(rows[row], columns[column])
            .reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
      }
    }
    return costs
  }

  private func networks(
    _ architecture: Architecture
  ) -> (a: Weights, b: Weights, groups: [PermutationGroup]) {
    (
      architecture.weights(width: 9, seed: 1), architecture.weights(width: 9, seed: 2),
      architecture.groups(width: 9)
    )
  }

  /// Anew, with the constants kept or not, and brought up to date twice.
  @Test("are those of the definition", arguments: Architecture.allCases, [false, true])
  func definition(_ architecture: Architecture, _ keepsConstants: Bool) throws {
    let (a, b, groups) = networks(architecture)
    let problem = try MatchingProblem(
      a, b, groups: groups, keepsConstants: keepsConstants, jobs: 1)
    for group in groups.indices {
      var found: [Float] = []
      var sources: [[Int]] = []
      for seed in 0..<3 as Range<UInt64> {
        let permutations = Permuting.random(for: groups, seed: seed)
        problem.update(&found, of: group, &sources, to: permutations)
        let expected = costs(a, b, groups, group, permutations)
        let scale = expected.reduce(0) { max($0, abs($1)) }
        for (one, two) in zip(found, expected) { #expect(abs(Double(one) - two) < 1e-5 * scale) }
      }
    }
  }

  /// Half of what the squared distance loses.
  @Test("grow by the gain of a step", arguments: Architecture.allCases)
  func gain(_ architecture: Architecture) throws {
    let (a, b, groups) = networks(architecture)
    let problem = try MatchingProblem(a, b, groups: groups, keepsConstants: false, jobs: 1)
    let permutations = Permuting.random(for: groups, seed: 3)
    let proposed = Permuting.random(for: groups, seed: 4)
    for group in groups.indices {
      let step = PermutationStep(
        problem: problem, group: group,
        sources: problem.terms[group].map { $0.sources(permutations) })
      var changed = permutations
      changed[group] = proposed[group]
      let before = problem.objective(permutations)
      let gain = step.gain(from: permutations[group], to: proposed[group], permutations)
      #expect(abs(2 * gain - (before - problem.objective(changed))) < 1e-9 * before)
    }
  }

  /// A mixture of permutations is the matrix it stands for.
  @Test("a relaxed point and its matrix") func relaxedPoint() {
    let size = 6
    var generator = SeededGenerator(seed: 1)
    var point = RelaxedPoint(sizes: [size])
    let costs = (0..<size * size).map { _ in Float(generator.normal()) }
    for share in [0.5, 0.25, 1, 0.3] {
      point.move(to: [generator.permutation(count: size)], by: share)
      let matrix = point.matrix(of: 0)
      for line in 0..<size {
        let row = (0..<size).reduce(Float(0)) { $0 + matrix[line * size + $1] }
        let column = (0..<size).reduce(Float(0)) { $0 + matrix[$1 * size + line] }
        #expect(abs(row - 1) < 1e-6 && abs(column - 1) < 1e-6)
      }
      let target = generator.permutation(count: size)
      let here = zip(costs, matrix).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let there = target.enumerated().reduce(0.0) {
        $0 + Double(costs[$1.offset * size + $1.element])
      }
      #expect(abs(point.slope(costs, to: target, of: 0) - (here - there)) < 1e-5)
    }
  }
}
