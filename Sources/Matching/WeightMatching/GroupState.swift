import LinearAlgebra
import ModelGraph

/// What one run of coordinate descent keeps of a group from one visit to the next: its costs, brought
/// up to date by what moved since, and the assignment solver with its potentials.
struct GroupState: Sendable {
  private let group: Int
  private var costs: [Float] = []
  /// B's rows that the costs count, for each term.
  private var rows: [[Int32]] = []
  private var products: TermProducts
  private var solver: LinearAssignment

  /// A group that has not been visited.
  init(group: Int, units: Int) {
    self.group = group
    products = TermProducts(units: units)
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
    updateCosts(problem, permutations)
    let found = try costs.withUnsafeBufferPointer { buffer -> [Int] in
      guard let base = buffer.baseAddress else { return permutations[group] }
      return try solver.minimize(MatrixView(base: base, rows: units, columns: units)).columns
    }
    guard found != permutations[group] else { return nil }
    let scale = problem.terms[group].reduce(0.0) { $0 + $1.scale }
    let step = PermutationStep(problem: problem, group: group, rows: rows)
    return step.accepted(found, permutations, threshold: 1e-9 * scale)
  }

  private mutating func updateCosts(_ problem: MatchingProblem, _ permutations: [[Int]]) {
    let terms = problem.terms[group]
    let current = terms.map { $0.rowSources(permutations) }
    defer { rows = current }
    var changes: [[Int32]] = []
    var changeCount = 0
    var variableCount = 0
    for (index, term) in terms.enumerated() where !term.isConstant {
      variableCount += term.featureCount
      guard !costs.isEmpty else { continue }
      let (old, new) = (rows[index], current[index])
      changes.append(new.indices.filter { old[$0] != new[$0] }.map { Int32($0) })
      changeCount += changes.last?.count ?? 0
    }
    // Past half of the features a fresh start costs no more, and forgets the rounding errors.
    if costs.isEmpty || 2 * changeCount > variableCount {
      costs = problem.constantCosts[group]
      for (index, term) in terms.enumerated() where !term.isConstant {
        products.subtractAll(term, rows: current[index], from: &costs)
      }
      return
    }
    var variable = 0
    for (index, term) in terms.enumerated() where !term.isConstant {
      products.subtractChanges(
        term, features: changes[variable], old: rows[index], new: current[index], from: &costs)
      variable += 1
    }
  }
}
