import Matching
import ModelGraph
import Support
import Workbench

extension MatchResult {
  /// Measures a pair before and after, whatever was changed.
  static func measured(
    _ pair: LoadedPair, found: WeightMatching.Result, known: AlignmentComparison?, jobs: Int?
  ) throws -> (vectors: AlignmentComparison, measures: [TensorMeasures]) {
    let groups = pair.pair.groupsA
    let vectors =
      try known
      ?? AlignmentComparison(
        pair.weightsA, pair.weightsB, kernels: pair.kernels, permutations: found.permutations,
        of: groups, jobs: jobs)
    let measures = try TensorMeasures.all(
      pair.weightsA, pair.weightsB, permutations: found.permutations, of: groups, jobs: jobs)
    guard let gauge = found.gauge else { return (vectors, measures) }
    let changed = try gauge.transform.applied(to: pair.weightsB, jobs: jobs)
    let after = try AlignmentComparison(
      pair.weightsA, changed, kernels: pair.kernels, permutations: found.permutations, of: groups,
      jobs: jobs)
    let afterwards = try TensorMeasures.all(
      pair.weightsA, changed, permutations: found.permutations, of: groups, jobs: jobs)
    return (
      vectors.followed(by: after),
      zip(measures, afterwards).map { first, second in
        var both = first
        both.after = second.before
        return both
      }
    )
  }

  /// Notes what was searched beyond orders, and says where the files differ from what they were.
  mutating func note(_ gauge: GaugeMatch) {
    objectives = gauge.objectives.map { FiniteNumber($0) }
    folded = gauge.foldedLayers
    learning = gauge.learning.map {
      Change(before: FiniteNumber($0.lossBefore), after: FiniteNumber($0.lossAfter))
    }
    let limited = groups.filter { $0.reason != nil && $0.kind == "permutation" }
    for group in limited.prefix(8) {
      warnings.append(
        "\(group.group): its units only change places: \(group.reason ?? "")")
    }
    warnings.append(
      "the matched network has A's gains, shifts and sizes of factors, and computes what B computes; "
        + "its weights are rounded once")
  }
}

extension MatchResult.Group {
  init(_ group: GaugeMatch.Group) {
    self.init(
      group: group.name, size: group.size, moved: group.moved, permutation: group.permutation,
      kind: group.kind, signs: group.signs.isEmpty ? nil : group.signs,
      angles: group.angles.isEmpty ? nil : group.angles,
      queries: group.queries.isEmpty ? nil : group.queries, reason: group.reason)
  }
}
