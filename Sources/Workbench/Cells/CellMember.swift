import Catalogs
import Matching
import ModelGraph
import Networks
import Support
import Tensors
import WeightFiles
import ZooIndex

/// A model of a zoo beside others of its cell, all under its names and in its axis order.
struct CellMember {
  /// Its layers.
  let graph: ModelGraph
  /// Its weights.
  let weights: Weights
  /// Those of the others.
  let others: [LoadedPair]

  /// Reads a model and those beside it.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a network is not understood, they do not correspond, or
  ///   a weight is not finite: nothing that such a network computes means anything.
  init(_ model: ScannedModel, beside companions: [ScannedModel]) throws {
    let own = try Self.loaded(model)
    others = try companions.map { companion in
      let other = try Self.loaded(companion)
      do { return try LoadedPair(own, other) } catch let error as Diagnostic {
        throw error.inside(other.path)
      }
    }
    // Graphs of one cell are read alike: what one pair settles, all do.
    (graph, weights) = (others.first?.graph ?? own.graph, own.weights)
  }

  private static func loaded(_ model: ScannedModel) throws -> LoadedModel {
    let (graph, weights) = try model.withNetwork { ($0, $1) }
    let path = model.file.catalog.file
    if let broken = BrokenElement(in: weights, of: path) { throw broken.diagnostic }
    return LoadedModel(path: path, file: model.file, graph: graph, weights: weights)
  }

  /// Another's weights with its hidden units beside those of this one, by their weights.
  func matched(_ pair: LoadedPair) throws -> Weights {
    let groups = pair.pair.groupsA
    var options = Matcher.Options()
    options.search.jobs = 1
    let found = try Matcher(options).match(
      weights, pair.weightsB, graph: graph, groups: groups)
    return Permuting.apply(found.permutations, of: groups, to: pair.weightsB)
  }
}
