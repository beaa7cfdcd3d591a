import LinearAlgebra
import ModelGraph
import WeightFiles
import WorkbenchCore

/// Two networks laid out for matching. It does not change, so all restarts share it.
struct MatchingProblem: Sendable {
  /// The groups.
  let groups: [PermutationGroup]
  /// The terms of each group's inner products; running statistics have none.
  let terms: [[MatchingTerm]]
  /// For each group, minus the inner products of the terms that no permutation changes.
  let constantCosts: [[Float]]
  /// For each group, the groups whose permutation its inner products depend on.
  let neighbours: [Set<Int>]
  /// The tensors that the objective counts.
  let objectiveTensors: [String]

  private let a: Weights
  private let b: Weights

  /// Checks the networks against the groups, and lays them out.
  ///
  /// - Throws: `Diagnostic(.badData)` where a tensor is missing, has another shape in the other
  ///   network, does not hold its units, or holds a number that is not finite.
  init(_ a: Weights, _ b: Weights, groups: [PermutationGroup], jobs: Int?) throws {
    try Self.validate(a, b, groups: groups)
    self.a = a
    self.b = b
    self.groups = groups
    let members = groups.enumerated().flatMap { index, group in
      group.members.filter { !$0.isStatistic }.map { (group: index, member: $0) }
    }
    let laidOut = try Parallel.map(count: members.count, jobs: jobs) { index in
      let (group, member) = members[index]
      return MatchingTerm(
        member: member, group: group, groups: groups, a: a[member.tensor] ?? Tensor(zeros: [0]),
        b: b[member.tensor] ?? Tensor(zeros: [0]))
    }
    var terms = Array(repeating: [MatchingTerm](), count: groups.count)
    for ((group, _), term) in zip(members, laidOut) { terms[group].append(term) }
    self.terms = terms
    neighbours = terms.map { $0.reduce(into: Set()) { $0.formUnion($1.neighbours) } }
    objectiveTensors = Set(members.map(\.member.tensor)).sorted()
    let ordered = terms
    constantCosts = try Parallel.map(count: groups.count, jobs: jobs) { group in
      let units = groups[group].size
      var costs = Array(repeating: Float(0), count: units * units)
      var products = TermProducts(units: units)
      for term in ordered[group] where term.isConstant {
        products.subtractAll(term, rows: term.rowSources([]), from: &costs)
      }
      return costs
    }
  }

  /// The sum of squared differences between A and the permuted B, over all tensors with a permuted
  /// axis that are not statistics, in Float64.
  ///
  /// - Complexity: O(elements).
  func objective(_ permutations: [[Int]]) -> Double {
    Self.objective(a, b, permutations, of: groups, tensors: objectiveTensors)
  }

  /// The same without a problem laid out.
  static func objective(
    _ a: Weights, _ b: Weights, _ permutations: [[Int]], of groups: [PermutationGroup]
  ) -> Double {
    let tensors = groups.flatMap(\.members).filter { !$0.isStatistic }.map(\.tensor)
    return objective(a, b, permutations, of: groups, tensors: Set(tensors).sorted())
  }

  private static func objective(
    _ a: Weights, _ b: Weights, _ permutations: [[Int]], of groups: [PermutationGroup],
    tensors: [String]
  ) -> Double {
    let gathers = Permuting.gathers(permutations, of: groups, shapes: b.mapValues(\.shape))
    return tensors.reduce(0.0) { total, name in
      guard let a = a[name], let b = b[name] else { return total }
      return total + squaredDistance(a, b, gathers[name])
    }
  }

  /// The inner product of a tensor of A with B's, permuted, in Float64.
  ///
  /// - Complexity: O(elements).
  func innerProduct(_ tensor: String, _ permutations: [[Int]]) -> Double {
    guard let a = a[tensor], let b = b[tensor] else { return 0 }
    let gathers = Permuting.gathers(permutations, of: groups, shapes: [tensor: b.shape])
    let permuted = gathers[tensor]?.applied(to: b) ?? b
    return dotProduct(a.values, permuted.values)
  }
}
