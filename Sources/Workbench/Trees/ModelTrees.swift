import LinearAlgebra
public import Probes
public import Support
import Tensors
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
    /// Other weights.
    case finetune
  }

  /// The files.
  public let files: [String]
  /// The names.
  public let names: [String]
  /// What was found.
  public let heritage: Heritage
  /// The kind of each edge.
  public let kinds: [Kind]
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
    let shared = try SharedLayers(try ModelCatalogs.of(models.ids, in: index), named: layer)
    models.remove(shared.reasons)
    let pairs = zip(shared.layers, shared.ranks).map { (layer: $0.0, rank: $0.1) }
    let reader = LayerReading(index: index, options: options, progress: progress)
    let groups = try MemoryGroups.of(pairs, models: models.ids.count, memory: memory)
    // What cannot be read is left out before anything is added up.
    var read = try await reader.read(models.ids, layers: groups.first ?? [])
    models.remove(read.failures)
    guard models.ids.count > 1 else {
      let first = models.skipped.first.map { ": \($0.file): \($0.reason)" } ?? ""
      throw Diagnostic(
        .badData, "there are not two models to compare\(first)", at: [index.path],
        remedy: "choose other models, or another layer")
    }
    let count = models.ids.count
    var squares = Matrix<Double>(zeros: count, count)
    var kurtosis = [Double](repeating: 0, count: count)
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
      }
    }
    let distances = squares.mapped { $0.squareRoot() }
    let heritage = Heritage(distances: distances, kurtosis: kurtosis)
    let facts = try ModelFacts(index, models.ids)
    self.heritage = heritage
    files = models.files
    names = facts.names
    documented = facts.parents
    layers = shared.layers.map(\.name)
    skipped = models.skipped
    kinds = heritage.edges.map { edge in
      if edge.distance == 0 { return .duplicate }
      if !edge.merged.isEmpty { return .merge }
      let isNarrower = facts.widths[edge.child] < facts.widths[edge.parent]
      // Rounding to a type of eight bits changes a weight by a few hundredths at most.
      let length = Double(shared.layers.count).squareRoot()
      return isNarrower && edge.distance < 0.1 * length ? .quantised : .finetune
    }
  }

  /// What the evidence for the edges is.
  public var evidence: [String] {
    ["distance", "centrality", "angle"] + (heritage.groupsWithDirection > 0 ? ["kurtosis"] : [])
  }
}

/// What the index knows of some models beside their weights.
private struct ModelFacts {
  var names: [String] = []
  var parents: [String?] = []
  /// The bytes of an element.
  var widths: [Int] = []

  init(_ index: ZooIndex, _ ids: [Int64]) throws {
    var query = IndexQuery()
    query.columns = ["id", "name", "parent_file", "dtype"]
    var rows: [Int64: [IndexValue]] = [:]
    for row in try index.ask(query).rows {
      if case .integer(let id) = row[0] { rows[id] = row }
    }
    for id in ids {
      guard let row = rows[id] else { continue }
      names.append(row[1].text)
      parents.append(row[2] == .null ? nil : row[2].text)
      widths.append(ElementType(rawValue: row[3].text)?.byteCount ?? 4)
    }
  }
}
