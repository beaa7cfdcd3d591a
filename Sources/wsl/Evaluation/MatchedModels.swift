import Matching
import ModelGraph
import WeightFiles
import WorkbenchCore

/// Two or more networks of one architecture under the first one's names, and how the units of each
/// are lined up with those of the first.
struct MatchedModels {
  struct Model {
    /// The place on the command line, from 0.
    let index: Int
    let file: WeightFile
    /// The weights as they are in the file, by the first network's names and in its axis order.
    let weights: Weights
    /// How its tensors correspond to the first network's; nil for the first network itself.
    var pair: ModelPair?
    /// One permutation a group; nil where nothing was matched, as for the first network.
    var permutations: [[Int]]?
  }

  let graph: ModelGraph
  let groups: [PermutationGroup]
  var models: [Model]
  let assumptions: [String]

  /// Opens the files, and matches all to the first where that is asked for.
  ///
  /// - Parameter data: where a method that needs examples finds them.
  static func load(
    _ paths: [String], matching: MatchingOptions, isMatched: Bool, data: String?, jobs: Int?,
    maxMemory: Int? = nil,
    progress: ProgressHandler?
  ) async throws -> MatchedModels {
    let pair = try await LoadedPair.load(
      paths[0], paths[1], graphFile: matching.graph, jobs: jobs, maxMemory: maxMemory)
    var result = MatchedModels(
      graph: pair.graph, groups: pair.pair.groupsA,
      models: [Model(index: 0, file: pair.fileA, weights: pair.weightsA)],
      assumptions: pair.assumptions)
    let examples = isMatched ? try await matching.examples(from: data, limit: nil) : nil
    for (index, path) in paths.enumerated().dropFirst() {
      let next =
        index == 1
        ? pair
        : try await LoadedPair.load(paths[0], path, graphFile: matching.graph, jobs: jobs)
      let found =
        isMatched
        ? try matching.match(next, examples: examples, jobs: jobs, progress: progress) : nil
      result.models.append(
        Model(
          index: index, file: next.fileB, weights: next.weightsB, pair: next.pair,
          permutations: found?.permutations))
    }
    return result
  }

  /// A network's weights, with its units beside those of the first network where it is matched.
  func matchedWeights(_ model: Model) -> Weights {
    guard let permutations = model.permutations else { return model.weights }
    return Permuting.apply(permutations, of: groups, to: model.weights)
  }

  /// All pairs, each once.
  var pairs: [(Model, Model)] {
    models.indices.flatMap { first in
      models[(first + 1)...].map { (models[first], $0) }
    }
  }
}
