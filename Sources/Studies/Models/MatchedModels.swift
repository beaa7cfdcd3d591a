public import Matching
public import ModelGraph
public import WeightFiles
import WorkbenchCore

/// Two or more networks of one architecture under the first one's names, and how the units of each
/// are lined up with those of the first.
public struct MatchedModels {
  /// One of the networks.
  public struct Model {
    /// The place on the command line, from 0.
    public let index: Int
    /// The opened file.
    public let file: WeightFile
    /// The weights as they are in the file, by the first network's names and in its axis order.
    public let weights: Weights
    /// How its tensors correspond to the first network's; nil for the first network itself.
    public var pair: ModelPair?
    /// One permutation a group; nil where nothing was matched, as for the first network.
    public var permutations: [[Int]]?

    /// Its groups of units that move together, in the first network's names.
    var groups: [PermutationGroup]? { pair?.groupsA }
  }

  /// The layers of the first network, which run all of them.
  public let graph: ModelGraph
  /// The first network's groups of units that move together.
  public let groups: [PermutationGroup]
  /// The networks, the first one first.
  public var models: [Model]
  /// What had to be assumed to run the networks, a sentence each.
  public let assumptions: [String]

  /// Opens the files, and matches all to the first where that is asked for.
  ///
  /// - Parameters:
  ///   - graphFile: a description of the network, where the files do not say.
  ///   - maxMemory: how many bytes the first two networks may take, with what is being decoded.
  ///   - acceptsHeads: whether networks may share a body with the first and have other heads.
  ///   - match: lines a network up with the first; nil leaves all as they are.
  public static func load(
    _ paths: [String], graphFile: String?, jobs: Int?, maxMemory: Int? = nil,
    acceptsHeads: Bool = false,
    match: ((LoadedPair) throws -> WeightMatching.Result)?
  ) async throws -> MatchedModels {
    let pair = try await LoadedPair.load(
      paths[0], paths[1], graphFile: graphFile, jobs: jobs, maxMemory: maxMemory,
      acceptsHeads: acceptsHeads)
    var result = MatchedModels(
      graph: pair.graph, groups: pair.pair.groupsA,
      models: [Model(index: 0, file: pair.fileA, weights: pair.weightsA)],
      assumptions: pair.assumptions)
    for (index, path) in paths.enumerated().dropFirst() {
      let next =
        index == 1
        ? pair
        : try await LoadedPair.load(
          paths[0], path, graphFile: graphFile, jobs: jobs, acceptsHeads: acceptsHeads)
      result.models.append(
        Model(
          index: index, file: next.fileB, weights: next.weightsB, pair: next.pair,
          permutations: try match?(next).permutations))
    }
    return result
  }

  /// A network's weights, with its units beside those of the first network where it is matched.
  public func matchedWeights(_ model: Model) -> Weights {
    guard let permutations = model.permutations else { return model.weights }
    return Permuting.apply(permutations, of: model.groups ?? groups, to: model.weights)
  }

  /// All pairs, each once.
  public var pairs: [(Model, Model)] {
    models.indices.flatMap { first in
      models[(first + 1)...].map { (models[first], $0) }
    }
  }
}
