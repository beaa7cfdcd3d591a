import ModelGraph
import WeightFiles
import WorkbenchCore

/// What of two networks is matched on: without groups that are left alone, without biases, with
/// tensors weighted as the kernel says.
struct MatchingScope: Sendable {
  /// The weights that the search sees.
  let a: Weights
  let b: Weights
  /// The groups that it may permute.
  let groups: [PermutationGroup]
  /// Where it starts.
  let start: [[Int]]?

  private let kept: [Int]
  private let all: [[Int]]

  /// Restricts a problem.
  ///
  /// - Parameter biases: the tensors that are biases.
  /// - Throws: `Diagnostic(.usage)` where a group that is to be left alone does not exist.
  init(
    _ a: Weights, _ b: Weights, groups: [PermutationGroup], biases: Set<String>,
    options: Matcher.Options
  ) throws {
    for name in options.frozenGroups.sorted() where !groups.contains(where: { $0.name == name }) {
      throw Diagnostic(
        .usage, "there is no group of this name to leave alone", at: [name],
        remedy: "the groups are " + groups.map(\.name).joined(separator: ", "))
    }
    let initial = options.search.initial
    if let initial { try MatchingProblem.validate(start: initial, groups: groups) }
    all = initial ?? Permuting.identity(for: groups)
    let kept = groups.indices.filter { !options.frozenGroups.contains(groups[$0].name) }
    self.kept = kept
    start = initial.map { initial in kept.map { initial[$0] } }
    let held = groups.indices.filter { options.frozenGroups.contains(groups[$0].name) }
    var permuted = b
    if initial != nil, !held.isEmpty {
      permuted = Permuting.apply(
        held.map { initial?[$0] ?? [] }, of: held.map { groups[$0] }, to: b)
    }
    let searched = kept.map { index in
      var group = groups[index]
      if !options.usesBiases {
        group.members = group.members.filter { !biases.contains($0.tensor) }
      }
      return group
    }
    self.groups = searched
    guard options.kernel == .cosine else {
      self.a = a
      self.b = permuted
      return
    }
    let names = Set(searched.flatMap(\.members).filter { !$0.isStatistic }.map(\.tensor))
    self.a = Self.normalized(a, names)
    self.b = Self.normalized(permuted, names)
  }

  /// The permutations of all groups, with those that were left alone where they were.
  func expanded(_ permutations: [[Int]]) -> [[Int]] {
    var result = all
    for (index, permutation) in zip(kept, permutations) { result[index] = permutation }
    return result
  }

  /// Tensors divided by their norms, so that the inner products add up cosines.
  private static func normalized(_ weights: Weights, _ names: Set<String>) -> Weights {
    var result = weights
    for name in names {
      guard let tensor = weights[name] else { continue }
      let norm = squareSum(tensor.values).squareRoot()
      guard norm > 0, norm.isFinite else { continue }
      result[name] = Tensor(
        shape: tensor.shape, values: tensor.values.map { Float(Double($0) / norm) })
    }
    return result
  }
}
