import ModelGraph
import Support
import Tensors

/// What of two or more networks is matched on: without groups that are left alone, without biases, with
/// tensors weighted as the kernel says.
struct MatchingScope: Sendable {
  /// The weights that the search sees.
  let models: [Weights]
  /// The groups that it may permute.
  let groups: [PermutationGroup]
  /// Where it starts.
  let start: [[Int]]?

  /// The network that stays.
  var a: Weights { models[0] }
  /// The network that is permuted, of two.
  var b: Weights { models[1] }

  private let kept: [Int]
  private let all: [[Int]]

  /// Restricts a problem.
  ///
  /// - Parameters:
  ///   - models: two networks or more; a start that the options name is that of all but the first.
  ///   - biases: the tensors that are biases.
  /// - Throws: `Diagnostic(.usage)` where a group that is to be left alone does not exist.
  init(
    _ models: [Weights], groups: [PermutationGroup], biases: Set<String>,
    options: Matcher.Options
  ) throws {
    for name in options.frozenGroups.sorted() where !groups.contains(where: { $0.name == name }) {
      throw Diagnostic(
        .usage, "there is no group of this name to leave alone", at: [name],
        remedy: "the groups are \(groups.map(\.name).joined(separator: ", "))")
    }
    let initial = options.search.initial
    if let initial { try MatchingProblem.validate(start: initial, groups: groups) }
    all = initial ?? Permuting.identity(for: groups)
    let kept = groups.indices.filter { !options.frozenGroups.contains(groups[$0].name) }
    self.kept = kept
    start = initial.map { initial in kept.map { initial[$0] } }
    let held = groups.indices.filter { options.frozenGroups.contains(groups[$0].name) }
    var permuted = models
    if initial != nil, !held.isEmpty {
      for index in models.indices.dropFirst() {
        permuted[index] = Permuting.apply(
          held.map { initial?[$0] ?? [] }, of: held.map { groups[$0] }, to: models[index])
      }
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
      self.models = permuted
      return
    }
    let names = Set(searched.flatMap(\.members).filter { !$0.isStatistic }.map(\.tensor))
    self.models = permuted.map { Self.normalized($0, names) }
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
