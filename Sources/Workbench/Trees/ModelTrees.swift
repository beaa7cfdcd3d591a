import Catalogs
import LinearAlgebra
import Probes
public import Support
public import ZooIndex

/// The trees of the models of an index: which descend from which, by their weights.
public struct ModelTrees: Sendable {
  /// What kind of descendant a model is.
  public enum Kind: String, Sendable, Hashable, Encodable {
    /// The same weights.
    case duplicate
    /// The same weights but for the rounding of a narrower type.
    case quantised
    /// A weighted mean of two models.
    case merge
    /// An adapter of low rank on its base.
    case adapter
    /// A later step of the same training.
    case checkpoint
    /// Other weights.
    case finetune
  }

  /// An edge from a model to the one that it descends from.
  public struct Edge: Sendable, Hashable {
    /// The model.
    public var child: Int
    /// Its parent.
    public var parent: Int
    /// What kind of descendant it is.
    public var kind: Kind
    /// How much better this parent is than the next best: 0 for not at all, 1 for what is sure.
    public var score: Double
    /// The distance of the two; nil where they have no weights in common.
    public var distance: Double?
    /// The two models of which it is a weighted mean; empty where it is none.
    public var merged: [Int]
  }

  /// The files.
  public let files: [String]
  /// The names.
  public let names: [String]
  /// The tree of each model.
  public let groups: [Int]
  /// The root of each tree.
  public let roots: [Int]
  /// The edges, by child.
  public let edges: [Edge]
  /// What the evidence for the edges is.
  public let evidence: [String]
  /// What was not looked for.
  public let notes: [String]
  /// The layers that were compared.
  public let layers: [String]
  /// The models that were left out.
  public let skipped: [ProbeModels.Skipped]
  /// For each model the file of the parent that its own file names, where the index has it.
  public let documented: [String?]

  /// Finds the trees.
  ///
  /// Each layer counts by the squares of its differences over the mean square of its weights, so that no
  /// layer drowns the others.
  ///
  /// - Parameters:
  ///   - layer: the layer to compare; nil takes all that the models share.
  ///   - filter: an SQL expression over the models' columns; nil takes all.
  /// - Throws: `Diagnostic` where fewer than two models can be compared.
  public init(
    _ index: ZooIndex, layer: String? = nil, where filter: String? = nil,
    options: ZooReading.Options = .init(), memory: Int = 4 << 30,
    progress: ProgressHandler? = nil
  ) async throws {
    var models = try ProbeModels(index, target: nil, where: filter)
    let all = (ids: models.ids, files: models.files)
    let catalogs = try ModelCatalogs.of(models.ids, in: index)
    let adapters = catalogs.indices.filter { ModelLayers.needDocuments(catalogs[$0].tensors) }
    // Whole models are compared with each other, and adapters only where there is nothing else.
    let whole = catalogs.count - adapters.count
    let hangs = !adapters.isEmpty && (whole > 1 || whole == 1 && adapters.count == 1)
    var compared = catalogs
    if hangs {
      models.remove(
        Dictionary(adapters.map { ($0, Self.isAdapter) }, uniquingKeysWith: { one, _ in one }))
      let left = Set(adapters)
      compared = catalogs.indices.filter { !left.contains($0) }.map { catalogs[$0] }
    }
    let shared = try SharedLayers(compared, named: layer)
    models.remove(shared.reasons)
    let pairs = zip(shared.layers, shared.ranks).map { (layer: $0.0, rank: $0.1) }
    let reader = LayerReading(index: index, options: options, progress: progress)
    let groups = try MemoryGroups.of(pairs, models: models.ids.count, memory: memory)
    // What cannot be read is left out before anything is added up.
    var read = try await reader.read(models.ids, layers: groups.first ?? [])
    models.remove(read.failures)
    guard models.ids.count > 1 || hangs && models.ids.count == 1 else {
      let first = models.skipped.first.map { ": \($0.file): \($0.reason)" } ?? ""
      throw Diagnostic(
        .badData, "there are not two models to compare\(first)", at: [index.path],
        remedy: "choose other models, or another layer")
    }
    let count = models.ids.count
    var squares = Matrix<Double>(zeros: count, count)
    var kurtosis = [Double](repeating: 0, count: count)
    var cosines: Matrix<Double>? = squares
    for (number, group) in groups.enumerated() {
      if number > 0 {
        read = try await reader.read(models.ids, layers: group)
        if let failure = read.failures.min(by: { $0.key < $1.key }) {
          throw Diagnostic(.badData, failure.value, at: [models.files[failure.key]])
        }
      }
      for stack in read.stacks {
        let layer = try LayerComparison(stack, jobs: options.jobs)
        for at in squares.values.indices { squares.values[at] += layer.squares.values[at] }
        for at in kurtosis.indices { kurtosis[at] += layer.kurtosis[at] }
        if let own = layer.cosines {
          for at in own.values.indices {
            cosines?.values[at] += own.values[at] / Double(shared.layers.count)
          }
        } else {
          cosines = nil
        }
      }
    }
    let distances = squares.mapped { $0.squareRoot() }
    let heritage = Heritage(distances: distances, kurtosis: kurtosis, cosines: cosines)
    // The models that were compared, then all others.
    let known = Set(models.ids)
    let rest = all.ids.indices.filter { !known.contains(all.ids[$0]) }
    let ids = models.ids + rest.map { all.ids[$0] }
    let files = models.files + rest.map { all.files[$0] }
    let facts = try ModelFacts(index, ids)
    let kinds = heritage.edges.map { edge -> Kind in
      if edge.distance == 0 { return .duplicate }
      if !edge.merged.isEmpty { return .merge }
      let isNarrower = facts.widths[edge.child] < facts.widths[edge.parent]
      // Rounding to a type of eight bits changes a weight by a few hundredths at most.
      let length = Double(shared.layers.count).squareRoot()
      return isNarrower && edge.distance < 0.1 * length ? .quantised : .finetune
    }
    var descent = DescentEdges(heritage, kinds: kinds)
    let runs = TrainingRuns(
      files: models.files, steps: Array(facts.steps.prefix(models.ids.count)))
    let hasSteps = descent.order(runs.runs) { distances[$0, $1] }
    let places = Dictionary(zip(files, files.indices), uniquingKeysWith: { one, _ in one })
    let catalogPlaces = Dictionary(
      zip(all.ids, catalogs.indices), uniquingKeysWith: { one, _ in one })
    let bases = AdapterBases(
      ids.compactMap { catalogPlaces[$0].map { catalogs[$0] } },
      documented: facts.parents.map { $0.flatMap { places[$0] } }
    ) { [descent] model in
      model < descent.groups.count
        ? (descent.groups[model], descent.roots[descent.groups[model]]) : nil
    }
    descent.hang(bases.bases, count: files.count)
    self.files = files
    names = facts.names
    documented = facts.parents
    self.groups = descent.groups
    roots = descent.roots
    edges = descent.edges
    layers = shared.layers.map(\.name)
    let inTrees = Set(files.indices.filter { descent.groups[$0] >= 0 }.map { files[$0] })
    skipped = models.skipped.filter { !inTrees.contains($0.file) }.map { one in
      guard one.reason == Self.isAdapter, let place = places[one.file],
        let reason = bases.reasons[place]
      else { return one }
      return ProbeModels.Skipped(file: one.file, reason: reason)
    }
    let hasBases = Set(bases.bases.values.map(\.score))
    evidence =
      ["distance", "centrality", "angle"] + (heritage.groupsWithDirection > 0 ? ["kurtosis"] : [])
      + (hasSteps ? ["steps"] : []) + (hasBases.contains(1) ? ["documents"] : [])
      + (hasBases.contains(0.5) ? ["shapes"] : [])
    let sizes = Dictionary(heritage.groups.map { ($0, 1) }, uniquingKeysWith: +)
    notes = sizes.filter { $0.value > Heritage.mostSearched }.sorted { $0.key < $1.key }.map {
      "tree-\($0.key + 1) has \($0.value) models: means of two are looked for among "
        + "\(Heritage.mostSearched) at most, so that none was"
    }
  }

  private static let isAdapter = "it is an adapter, whose base is not known"
}
