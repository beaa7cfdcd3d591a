public import Catalogs
import LinearAlgebra
public import ModelGraph
public import Support
import Synchronization
public import Tensors
public import WeightFiles

/// The spectra of a model's layers.
public struct ModelSpectrum: Sendable {
  /// A row a layer, in the order of the network.
  public var layers: [LayerSpectrum]
  /// The tensors without a spectrum, each with its reason.
  public var skipped: [Catalog.Skipped]
  /// The layers whose spectrum could not be computed: damaged, not finite.
  public var failures: [Catalog.Skipped]
  /// What a reader of the numbers has to know, a line each.
  public var notes: [String] = []
}

/// Computes the spectra of a model's layers.
public enum SpectrumAnalysis {
  /// Gives a tensor's values by its name. It is called from several threads.
  public typealias TensorReading = @Sendable (String) throws -> Tensor
  /// Hands all tensors of a layer to the work on it, and holds them for as long: who reads them may wait
  /// for memory before, and count it as taken until then. It is called from several threads.
  public typealias TensorHolding =
    @Sendable (
      _ names: [String], _ work: ([String: Tensor]) throws -> LayerSpectrum
    ) throws -> LayerSpectrum

  /// Measures every layer of an open file.
  ///
  /// - Parameters:
  ///   - file: the model.
  ///   - options: what is measured.
  ///   - jobs: how many layers at once; nil means one a processor. The result is the same.
  ///   - budget: what all layers in work take together. A layer that takes more than all of it is among
  ///     the failures, before memory for it is taken.
  ///   - progress: told of every layer that is done.
  /// - Throws: `Diagnostic` of code `interrupted`. What is wrong with a layer is among `failures`.
  public static func run(
    _ file: WeightFile, options: SpectrumOptions = SpectrumOptions(), jobs: Int? = nil,
    budget: MemoryBudget? = nil, progress: ProgressHandler? = nil
  ) throws -> ModelSpectrum {
    let plan = SpectralPlan(
      file.catalog, graph: try? ModelGraph(file.catalog), convolutions: options.convolutions,
      splitsHeads: options.splitsHeads)
    let (layers, left) = options.selection.split(plan.layers)
    let results = try each(layers, jobs: jobs, progress: progress) { layer in
      try layer.within(budget, of: [file], options) {
        try measure(layer, options: options) { try measurable($0, of: file) }
      }
    }
    return ModelSpectrum(
      layers: results.compactMap { try? $0.get() }, skipped: plan.skipped + left,
      failures: failures(layers, results), notes: plan.notes)
  }

  /// Measures every layer of a model whose tensors the caller reads.
  ///
  /// - Parameters:
  ///   - catalog: what the model holds.
  ///   - graph: the network, where it is understood; without it, names and shapes decide.
  public static func run(
    _ catalog: Catalog, graph: ModelGraph?, options: SpectrumOptions = SpectrumOptions(),
    jobs: Int? = nil, progress: ProgressHandler? = nil, read: @escaping TensorReading
  ) throws -> ModelSpectrum {
    try run(catalog, graph: graph, options: options, jobs: jobs, progress: progress) {
      names, work in
      try work(Dictionary(names.map { ($0, try read($0)) }, uniquingKeysWith: { $1 }))
    }
  }

  /// Measures every layer of a model whose tensors the caller holds while a layer is worked on.
  public static func run(
    _ catalog: Catalog, graph: ModelGraph?, options: SpectrumOptions = SpectrumOptions(),
    jobs: Int? = nil, progress: ProgressHandler? = nil, holding: TensorHolding
  ) throws -> ModelSpectrum {
    let plan = SpectralPlan(
      catalog, graph: graph, convolutions: options.convolutions, splitsHeads: options.splitsHeads)
    let (layers, left) = options.selection.split(plan.layers)
    let results = try each(layers, jobs: jobs, progress: progress) { layer in
      try holding(layer.tensors) { try measure(layer, options: options, holding: $0) }
    }
    return ModelSpectrum(
      layers: results.compactMap { try? $0.get() }, skipped: plan.skipped + left,
      failures: failures(layers, results), notes: plan.notes)
  }

  /// Reads a tensor, unless its file stores next to nothing of it.
  static func measurable(_ name: String, of file: WeightFile) throws -> Tensor {
    let entry = try file.entry(named: name)
    try CollectionOfOne(entry).checkClaims()
    return try file.read(entry, jobs: 1)
  }

  /// Works on layers, the longest first; results in their order. What a layer throws is its result,
  /// but an interruption ends the work.
  static func each<Value: Sendable>(
    _ layers: [SpectralLayer], jobs: Int?, progress: ProgressHandler?,
    _ work: @Sendable (SpectralLayer) throws -> Value
  ) throws -> [Result<Value, any Error>] {
    let order = layers.indices.sorted { (layers[$0].cost, $1) > (layers[$1].cost, $0) }
    let done = Atomic<Int>(0)
    let found = try Parallel.map(count: order.count, jobs: jobs) { place in
      let layer = layers[order[place]]
      let result = Result { try work(layer) }
      if case .failure(let error as Diagnostic) = result, error.code == .interrupted { throw error }
      let count = done.wrappingAdd(1, ordering: .relaxed).newValue
      progress?(
        ProgressUpdate("spectra", completed: count, total: order.count, detail: layer.name))
      return result
    }
    var results: [Result<Value, any Error>?] = Array(repeating: nil, count: layers.count)
    for (place, index) in order.enumerated() { results[index] = found[place] }
    return results.compactMap { $0 }
  }

  /// The layers that failed, with what they threw.
  static func failures<Value>(
    _ layers: [SpectralLayer], _ results: [Result<Value, any Error>]
  ) -> [Catalog.Skipped] {
    zip(layers, results).compactMap { layer, result in
      guard case .failure(let error) = result else { return nil }
      let reason = (error as? Diagnostic)?.message ?? "\(error)"
      return Catalog.Skipped(name: layer.name, reason: reason)
    }
  }
}
