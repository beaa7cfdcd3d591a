import LinearAlgebra
import ModelGraph

/// What one run of coordinate descent keeps of a group from one visit to the next: its costs, brought
/// up to date by what moved since, and the assignment solver with its potentials.
struct GroupState: Sendable {
  private let group: Int
  /// Minus the inner products of A's and B's units; empty before the first visit.
  private var costs: [Float] = []
  /// Where B's features begin that the costs count, for each term.
  private var sources: [[Int]] = []
  private var solver: LinearAssignment

  /// A group that has not been visited.
  init(group: Int, units: Int) {
    self.group = group
    solver = LinearAssignment(size: units)
  }

  /// A better permutation of the group while all others stay, or nil where there is none.
  ///
  /// "Better" is decided in Float64 by what the step gains in the true objective, relative to the
  /// size of the numbers; so the objective falls with every step and the descent ends.
  ///
  /// - Complexity: an assignment, and matrix products for the features that moved.
  mutating func improve(_ problem: MatchingProblem, _ permutations: [[Int]]) throws -> [Int]? {
    let units = problem.groups[group].size
    guard units > 1 else { return nil }
    problem.update(&costs, of: group, &sources, to: permutations)
    let found = try costs.withUnsafeBufferPointer { buffer -> [Int] in
      guard let base = buffer.baseAddress else { return permutations[group] }
      return try solver.minimize(MatrixView(base: base, rows: units, columns: units)).columns
    }
    guard found != permutations[group] else { return nil }
    let step = PermutationStep(problem: problem, group: group, sources: sources)
    return step.accepted(found, permutations, threshold: 1e-9 * problem.scales[group])
  }
}
