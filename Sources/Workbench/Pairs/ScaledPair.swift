public import Connectivity
public import Datasets
import Matching
import ModelGraph
import Networks
public import Support
import WeightFiles

/// The scales of a matched network's units.
public enum ScaledPair {
  /// Searches the scales of the matched B.
  ///
  /// - Parameters:
  ///   - data: the data set whose training examples serve.
  ///   - limit: use only so many examples, the first ones.
  public static func search(
    _ pair: LoadedPair, _ permutations: [[Int]], _ search: ScaleSearch, data: DataReference?,
    limit: Int?, progress: ProgressHandler?
  ) async throws -> ScaleSearch.Result {
    guard let data else {
      throw Diagnostic(
        .usage, "\(Wording("\(setting: .scaleUnits)")) needs training examples",
        remedy: "give \(setting: .data)")
    }
    try pair.graph.requireStatedActivation()
    let all = try await data.load(split: .train)
    return try search.search(
      pair.weightsA, Permuting.apply(permutations, of: pair.pair.groupsA, to: pair.weightsB),
      graph: pair.graph, groups: pair.pair.groupsA, on: limit.map { all.prefix($0) } ?? all,
      progress: progress)
  }

  /// Scales under A's names under those of B's file.
  public static func renamed(_ scales: UnitScales, _ pair: LoadedPair) -> UnitScales {
    // The groups of the two files have the same members, in the same order.
    var partners: [PermutationGroup.Member: PermutationGroup.Member] = [:]
    for (own, other) in zip(pair.pair.groupsA, pair.pair.groupsB) {
      for (member, partner) in zip(own.members, other.members) { partners[member] = partner }
    }
    return scales.renamed { partners[$0] ?? $0 }
  }
}
