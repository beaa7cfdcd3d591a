import Catalogs
import LinearAlgebra
public import Probes
import Spectra
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
    /// How unlike the models that the probe learned from it is, in what its network sees; nil where the
    /// probe keeps nothing of them.
    public var oneClass: OneClass.Scores?
  }

  let file: ProbeFile
  /// Lines models up with the roots that the probe keeps; nil where it reads them as they are.
  private let alignment: RootAlignment?
  private let oneClass: OneClass?

  /// Prepares to apply a probe.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the roots that it keeps are no networks.
  public init(_ file: ProbeFile) throws {
    self.file = file
    oneClass = try file.known.flatMap { try OneClass($0) }
    alignment = file.roots.isEmpty ? nil : try RootAlignment(file.roots)
  }

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
    let convolutions = try self.convolutions
    if manifest.layer.isEmpty { return ProbeInput(numbers: Matrix(zeros: 1, 0)) }
    let found = ModelLayers(model.file.catalog, convolutions: convolutions).layers
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
    try alignment?.align(model, tensors: layer.source.tensors)
    let values = try layer.read(from: model, rank: layer.rank)
    return ProbeInput(
      stack: LayerStack(
        rows: layer.rows, columns: layer.columns, rank: layer.rank, values: values))
  }

  /// How the probe reads kernels of convolutions.
  private var convolutions: ModelLayers.Convolutions {
    get throws {
      guard let name = file.manifest.compat else { return .transposed }
      guard let found = ModelLayers.Convolutions(rawValue: name) else {
        throw Diagnostic(
          .badData, "the probe reads layers as '\(name.prefix(20))' does, which is not known here",
          remedy: "use a newer wsl")
      }
      return found
    }
  }

  func outcomes(_ input: ProbeInput, jobs: Int? = 1) throws -> [Outcome] {
    let scores = try file.probe.scores(of: Array(0..<input.count), in: input, jobs: jobs)
    let seen = try oneClass.flatMap { _ in
      try file.probe.features(of: Array(0..<input.count), in: input, jobs: jobs)
    }
    return (0..<input.count).map { model in
      let start = model * scores.columns
      var outcome = Outcome(scores: Array(scores.values[start..<start + scores.columns]))
      if let seen {
        outcome.oneClass = oneClass?.scores(
          of: Array(seen.values[model * seen.columns..<(model + 1) * seen.columns]))
      }
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
      models, of: index,
      opensInFull: { [alignment] in alignment != nil || ModelLayers.needDocuments($0) },
      progress: progress
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
