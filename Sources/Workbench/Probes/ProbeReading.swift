import Catalogs
import LinearAlgebra
public import Probes
public import Support
public import WeightFiles
public import ZooIndex

/// Applies a probe to models that it may never have seen.
public struct ProbeReading: Sendable {
  /// What a probe says of a model.
  public struct Outcome: Sendable {
    /// The scores.
    public var scores: [Double]
    /// The tree whose centre is nearest; nil where the probe keeps no trees.
    public var tree: String?
    /// The distance from that centre.
    public var distance: Double?
    /// The distance in radii of that tree; beyond 1 the model is unknown.
    public var relativeDistance: Double?
    /// Whether the model lies within that tree; nil where the probe keeps no trees.
    public var isKnown: Bool?
  }

  let file: ProbeFile

  /// Prepares to apply a probe.
  public init(_ file: ProbeFile) { self.file = file }

  /// Applies it to one file.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the file has not what the probe reads.
  public func outcome(of model: WeightFile) throws -> Outcome {
    do {
      return try outcomes(input(of: ScannedModel(model)))[0]
    } catch let error as Diagnostic {
      throw error.inside(model.catalog.file)
    }
  }

  /// What the probe reads of a model.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the model has not what the probe reads.
  func input(of model: ScannedModel) throws -> ProbeInput {
    let manifest = file.manifest
    if !manifest.tensors.isEmpty {
      guard let convention = StatisticsConvention(rawValue: manifest.convention) else {
        throw Diagnostic(.badData, "the probe does not say which statistics it reads")
      }
      let row = try TensorNumbers.row(manifest.tensors, convention, of: model)
      return ProbeInput(numbers: Matrix(rows: 1, columns: row.count, values: row))
    }
    if manifest.layer.isEmpty { return ProbeInput(numbers: Matrix(zeros: 1, 0)) }
    let found = ModelLayers(model.file.catalog).layers
    guard let layer = found.first(where: { $0.name == manifest.layer }) else {
      throw Diagnostic(
        .badData, "it has no layer \(manifest.layer), which the probe reads",
        remedy: "apply the probe to models of the architecture that it was trained on")
    }
    guard layer.rows == manifest.rows, layer.columns == manifest.columns else {
      throw Diagnostic(
        .badData,
        "its layer \(layer.name) is \(layer.rows)×\(layer.columns), and the probe reads "
          + "\(manifest.rows)×\(manifest.columns)",
        remedy: "apply the probe to models of the architecture that it was trained on")
    }
    let values = try layer.read(from: model, rank: layer.rank)
    return ProbeInput(
      stack: LayerStack(
        rows: layer.rows, columns: layer.columns, rank: layer.rank, values: values))
  }

  func outcomes(_ input: ProbeInput, jobs: Int? = 1) throws -> [Outcome] {
    let scores = try file.probe.scores(of: Array(0..<input.count), in: input, jobs: jobs)
    return (0..<input.count).map { model in
      let start = model * scores.columns
      var outcome = Outcome(scores: Array(scores.values[start..<start + scores.columns]))
      if let centres = file.centres, let stack = input.stack,
        let routing = TreeRouting(stack, model, centres: centres, radii: file.manifest.radii)
      {
        outcome.tree = file.manifest.trees[routing.tree]
        outcome.distance = routing.distance
        outcome.isKnown = routing.isKnown
        let radius = file.manifest.radii[routing.tree]
        outcome.relativeDistance =
          radius > 0 ? routing.distance / radius : routing.distance > 0 ? .infinity : 0
      }
      return outcome
    }
  }

  /// Applies it to models of an index, each read once.
  ///
  /// - Parameter models: identifiers in the index.
  /// - Returns: for each model what the probe says of it, or why it says nothing.
  public func outcomes(
    of models: [Int64], in index: ZooIndex, options: ZooReading.Options,
    progress: ProgressHandler? = nil
  ) async throws -> [Result<Outcome, Diagnostic>] {
    try await each(models, in: index, options: options, progress: progress) {
      try self.outcomes($0)[0]
    }
  }

  /// Says something of each of some models of an index by what the probe reads of it, each read once.
  func each<Value: Sendable>(
    _ models: [Int64], in index: ZooIndex, options: ZooReading.Options,
    progress: ProgressHandler?, say: @escaping @Sendable (ProbeInput) throws -> Value
  ) async throws -> [Result<Value, Diagnostic>] {
    let found = OutcomeList<Value>(count: models.count)
    let failures = try await ZooReading(options: options).forEach(
      models, of: index, opensInFull: ModelLayers.needDocuments, progress: progress
    ) { place, model in
      found.set(try say(self.input(of: model)), at: place)
    }
    let all = found.outcomes
    return models.indices.map { place in
      if let outcome = all[place] { return .success(outcome) }
      return .failure(Diagnostic(.badData, failures[place] ?? "it is not in the index any more"))
    }
  }
}
