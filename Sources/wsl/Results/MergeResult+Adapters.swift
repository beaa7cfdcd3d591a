import Merging
import Reports
import Support

extension MergeResult {
  /// What is said of merged adapters.
  struct Adapters: Encodable {
    /// How many modules are updated.
    var updates: Int
    /// The largest rank of an update.
    var rank: Int
    /// The updates of other ranks, by module.
    var rankPattern: [String: Int]
    /// The size of what was cut off, relative to that of the sum; 0 where the result is exact.
    var relativeError: FiniteNumber

    /// The result for a person.
    var text: String {
      let ranks =
        rankPattern.isEmpty
        ? "rank \(rank)" : "ranks \(rankPattern.values.min() ?? rank) to \(rank)"
      let error = relativeError.value
      let exactness =
        error == 0
        ? "exact" : "cut; \(NumberFormat.significant(error * 100)) % of the sum's size is lost"
      return "\(updates) updates of \(ranks), \(exactness)"
    }
  }

  /// Gathers what a merge of adapters did, once its result is written.
  init(_ recipe: MergeRecipe, _ merger: AdapterMerger, files: [String], output: String) {
    let distances = merger.distances
    let ranks = merger.ranks
    let rank = ranks.map(\.rank).max() ?? 0
    self.init(
      output: output, method: recipe.method.name,
      scale: recipe.usesScale ? recipe.scale : nil,
      compat: recipe.convention == .mergekit ? "mergekit" : nil,
      sources: files.indices.map { index in
        let l2 = FiniteNumber(distances.l2[index])
        return Source(
          file: files[index], weight: recipe.weights[index], l2: [l2, l2], moved: 0)
      },
      tensors: merger.tensorCount, parameters: merger.parameterCount, keptTensors: [],
      leftOutTensors: [], differingTensors: [], boundTensors: [], seed: recipe.seed,
      warnings: merger.notes)
    adapters = Adapters(
      updates: ranks.count, rank: rank,
      rankPattern: Dictionary(
        ranks.filter { $0.rank != rank }.map { ($0.module, $0.rank) },
        uniquingKeysWith: { first, _ in first }),
      relativeError: FiniteNumber(distances.error))
  }
}
