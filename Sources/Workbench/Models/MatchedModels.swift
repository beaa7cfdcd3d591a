import Catalogs
public import Matching
public import ModelGraph
public import Networks
import Support
public import Tensors
public import WeightFiles

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
    /// Its weights lined up beyond orders of units; nil where these alone were matched.
    public var changedWeights: Weights?

    /// Its groups of units that move together, in the first network's names.
    var groups: [PermutationGroup]? { pair?.groupsA }
  }

  /// The layers of the first network, which run all of them.
  public let graph: ModelGraph
  /// The first network's groups of units that move together.
  public let groups: [PermutationGroup]
  /// The networks, the first one first.
  public var models: [Model]
  /// What the files leave open.
  public let assumptions: [FileAssumption]

  /// Opens the files, and matches all to the first where that is asked for.
  ///
  /// - Parameters:
  ///   - statement: what the user states about the networks.
  ///   - maxMemory: how many bytes all networks may take, with what is being decoded.
  ///   - acceptsHeads: whether networks may share a body with the first and have other heads.
  ///   - examples: data that tell readings of the networks apart, where names and shapes do not.
  ///   - match: lines a network up with the first; nil leaves all as they are.
  public static func load(
    _ paths: [String], statement: GraphStatement, jobs: Int?, maxMemory: Int? = nil,
    acceptsHeads: Bool = false, examples: Dataset? = nil,
    match: ((LoadedPair) throws -> WeightMatching.Result)?
  ) async throws -> MatchedModels {
    func told(_ pair: LoadedPair) throws -> LoadedPair {
      guard let examples else { return pair }
      return try pair.toldApart(by: examples, statement: statement, jobs: jobs)
    }
    let pair = try told(
      await LoadedPair.load(
        paths[0], paths[1], statement: statement, jobs: jobs, maxMemory: maxMemory,
        acceptsHeads: acceptsHeads))
    var result = MatchedModels(
      graph: pair.graph, groups: pair.pair.groupsA,
      models: [Model(index: 0, file: pair.fileA, weights: pair.weightsA)],
      assumptions: pair.assumptions)
    for (index, path) in paths.enumerated().dropFirst() {
      let next =
        index == 1
        ? pair
        : try told(
          await LoadedPair.load(
            paths[0], path, statement: statement, jobs: jobs,
            maxMemory: maxMemory.map { max(0, $0 - result.byteCount) }, acceptsHeads: acceptsHeads))
      let found = try match?(next)
      result.models.append(
        Model(
          index: index, file: next.fileB, weights: next.weightsB, pair: next.pair,
          permutations: found?.permutations,
          changedWeights: try found?.gauge?.transform.applied(to: next.weightsB, jobs: jobs)))
    }
    return result
  }

  /// How much memory the networks take, but for the first, which is read anew beside each.
  private var byteCount: Int {
    models.dropFirst().reduce(0) { $0 + $1.weights.byteCount }
  }

  /// A network's weights, with its units beside those of the first network where it is matched.
  public func matchedWeights(_ model: Model) -> Weights {
    if let changed = model.changedWeights { return changed }
    guard let permutations = model.permutations else { return model.weights }
    return Permuting.apply(permutations, of: model.groups ?? groups, to: model.weights)
  }

  /// Refuses networks of which each is lined up with the first in other groups of units: because it has
  /// another head, or leaves other units in place. They cannot be lined up with each other.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  public func requireCommonGroups() throws {
    guard let other = models.dropFirst().first(where: { $0.groups != groups }) else { return }
    throw Diagnostic(
      .badData, "other units of it can be lined up with the first network than of the rest",
      at: [other.file.catalog.file], remedy: "take two networks at a time")
  }

  /// All pairs, each once.
  public var pairs: [(Model, Model)] {
    models.indices.flatMap { first in
      models[(first + 1)...].map { (models[first], $0) }
    }
  }
}
