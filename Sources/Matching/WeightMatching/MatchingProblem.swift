import LinearAlgebra
import ModelGraph
import Support
import Tensors

/// Two networks laid out for matching. It does not change, so all restarts share it.
struct MatchingProblem: Sendable {
  /// The groups.
  let groups: [PermutationGroup]
  /// The terms of each group's inner products; running statistics have none.
  let terms: [[MatchingTerm]]
  /// For each group, ‖A‖·‖B‖ of its terms' tensors: the size of the numbers that its inner products
  /// are made of.
  let scales: [Double]
  /// For each group, the groups whose permutation its inner products depend on.
  let neighbours: [Set<Int>]
  /// The tensors that the objective counts.
  let objectiveTensors: [String]

  private let a: Weights
  private let b: Weights
  /// For each group, minus the inner products of the terms that no permutation changes; nil where
  /// they are worked out when they are needed.
  private let constantCosts: [[Float]]?

  /// Checks the networks against the groups, and lays them out.
  ///
  /// - Parameter keepsConstants: whether what no permutation changes is worked out once, for many
  ///   uses, and kept: units² numbers a group.
  /// - Throws: `Diagnostic(.badData)` where a tensor is missing, has another shape in the other
  ///   network, does not hold its units, or holds a number that is not finite.
  init(
    _ a: Weights, _ b: Weights, groups: [PermutationGroup], keepsConstants: Bool, jobs: Int?
  ) throws {
    try Self.validate(a, b, groups: groups)
    self.a = a
    self.b = b
    self.groups = groups
    let terms = groups.enumerated().map { index, group in
      group.members.filter { !$0.isStatistic }.flatMap { member in
        MatchingTerm.terms(
          of: member, group: index, groups: groups, a: a[member.tensor] ?? Tensor(zeros: [0]),
          b: b[member.tensor] ?? Tensor(zeros: [0]))
      }
    }
    self.terms = terms
    neighbours = terms.map { $0.reduce(into: Set()) { $0.formUnion($1.neighbours) } }
    let names = Set(terms.joined().map(\.tensor)).sorted()
    objectiveTensors = names
    let norms = try Parallel.map(count: names.count, jobs: jobs) { index in
      (squareSum(a[names[index]]?.values ?? []) * squareSum(b[names[index]]?.values ?? []))
        .squareRoot()
    }
    let scale = Dictionary(uniqueKeysWithValues: zip(names, norms))
    scales = terms.map { Set($0.map(\.tensor)).sorted().reduce(0) { $0 + (scale[$1] ?? 0) } }
    constantCosts =
      keepsConstants
      ? try Parallel.map(count: groups.count, jobs: jobs) { group in
        Self.constantCosts(terms[group], units: groups[group].size)
      } : nil
  }

  /// Brings a group's costs, minus the inner products of its units, to permutations.
  ///
  /// - Parameters:
  ///   - costs: units × units; empty before the first use.
  ///   - sources: where B's features begin that the costs count, for each term.
  /// - Complexity: 2·units² operations for every feature that moved since the last use.
  func update(
    _ costs: inout [Float], of group: Int, _ sources: inout [[Int]], to permutations: [[Int]]
  ) {
    let current = terms[group].map { $0.sources(permutations) }
    let isFirst = costs.isEmpty
    if isFirst { costs = constantCosts(of: group) }
    for (index, term) in terms[group].enumerated() where !term.isConstant {
      if isFirst {
        term.subtractProducts(current[index], from: &costs)
      } else {
        term.subtractChanges(old: sources[index], new: current[index], from: &costs)
      }
    }
    sources = current
  }

  /// Minus the inner products of a group's units in the terms that no permutation changes.
  func constantCosts(of group: Int) -> [Float] {
    constantCosts?[group] ?? Self.constantCosts(terms[group], units: groups[group].size)
  }

  private static func constantCosts(_ terms: [MatchingTerm], units: Int) -> [Float] {
    var costs = Array(repeating: Float(0), count: units * units)
    for term in terms where term.isConstant {
      term.subtractProducts(term.features, from: &costs)
    }
    return costs
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
