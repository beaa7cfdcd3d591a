import Catalogs
import LinearAlgebra
import Probes
public import Support
public import WeightFiles
public import ZooIndex

/// Tells which tree of the models of an index a model belongs to.
public struct TreeRouter: Sendable {
  /// Where a model belongs.
  public struct Route: Sendable, Hashable {
    /// The tree whose centre is nearest.
    public var tree: String
    /// The distance from that centre.
    public var distance: Double
    /// Whether the model lies within the tree.
    public var isKnown: Bool
  }

  /// The layer that is compared.
  public var layer: String { shared.name }
  /// The models of each tree.
  public let members: [String: [String]]
  private let shared: ModelLayers.Layer
  private let centres: TreeCentres

  /// Finds the trees of an index by one layer.
  ///
  /// - Parameter layer: the layer; nil takes the largest that the models share.
  public init(
    _ index: ZooIndex, layer: String? = nil, where filter: String? = nil,
    options: ZooReading.Options = .init(), memory: Int = 4 << 30,
    progress: ProgressHandler? = nil
  ) async throws {
    var models = try ProbeModels(index, target: nil, where: filter)
    let found = try SharedLayers(try ModelCatalogs.of(models.ids, in: index), named: layer)
    models.remove(found.reasons)
    let places = found.layers.indices
    guard
      let largest = places.max(by: {
        (found.layers[$0].rows * found.layers[$0].columns, $1)
          < (found.layers[$1].rows * found.layers[$1].columns, $0)
      })
    else { throw Diagnostic(.badData, "the models have no matrix in common", at: [index.path]) }
    let chosen = (layer: found.layers[largest], rank: found.ranks[largest])
    _ = try MemoryGroups.of([chosen], models: models.ids.count, memory: memory)
    let read = try await LayerReading(index: index, options: options, progress: progress)
      .read(models.ids, layers: [chosen])
    models.remove(read.failures)
    guard let stack = read.stacks.first, stack.count > 1 else {
      throw Diagnostic(
        .badData, "there are not two models to compare", at: [index.path],
        remedy: "choose other models, or another layer")
    }
    shared = chosen.layer
    centres = try TreeCentres(
      stack, gram: LayerGram.centred(stack, jobs: options.jobs), models: Array(0..<stack.count))
    members = Dictionary(grouping: models.files.indices) { [centres] in centres.groups[$0] }
      .reduce(into: [:]) { [centres] result, tree in
        result[centres.names[tree.key]] = tree.value.map { models.files[$0] }
      }
  }

  /// Tells where a model belongs.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it has no such layer.
  public func route(_ file: WeightFile) throws -> Route {
    do {
      let own = ModelLayers(file.catalog).layers
      guard let layer = own.first(where: { $0.name == shared.name }), layer.rows == shared.rows,
        layer.columns == shared.columns
      else {
        throw Diagnostic(
          .badData, "it has no layer \(shared.name) of \(shared.rows)×\(shared.columns)",
          remedy: "compare models of one architecture")
      }
      let values = try layer.read(from: ScannedModel(file), rank: layer.rank)
      let stack = LayerStack<Float>(
        rows: layer.rows, columns: layer.columns, rank: layer.rank, values: values)
      guard
        let routing = TreeRouting(stack, 0, centres: centres.centres, radii: centres.radii)
      else { throw Diagnostic(.badData, "the index has no tree") }
      return Route(
        tree: centres.names[routing.tree], distance: routing.distance, isKnown: routing.isKnown)
    } catch let error as Diagnostic {
      throw error.inside(file.catalog.file)
    }
  }
}
