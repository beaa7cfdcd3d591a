public import Catalogs
import LinearAlgebra
import ModelGraph
public import Support
public import WeightFiles

/// What WeightWatcher 0.7.7 would say of a model.
public struct WeightWatcherDetails: Sendable {
  /// A row a layer.
  public var rows: [WeightWatcherRow]
  /// What has no row, each with its reason.
  public var skipped: [Catalog.Skipped]
  /// The layers whose spectrum could not be computed.
  public var failures: [Catalog.Skipped]

  /// Its summary: the means of some columns over the layers, by its names.
  public var summary: [(column: String, value: Double)] {
    [
      "log_norm", "alpha", "alpha_weighted", "log_alpha_norm", "log_spectral_norm", "stable_rank",
    ].map { column in
      // Its means leave out what is not a number.
      let values = rows.compactMap { row -> Double? in
        guard case .number(let value) = row[column], !value.isNaN else { return nil }
        return value
      }
      return (column, values.mean ?? .nan)
    }
  }
}

extension SpectrumAnalysis {
  /// Measures every layer as `WeightWatcher(model).analyze()` of version 0.7.7 does, with its columns,
  /// conventions and scales; the file stands for the model that was saved in it.
  ///
  /// - Parameter budget: what all layers in work take together, as in `run`.
  /// - Throws: `Diagnostic` of code `interrupted`. What is wrong with a layer is among `failures`.
  public static func weightWatcherDetails(
    _ file: WeightFile, options: SpectrumOptions = SpectrumOptions(), jobs: Int? = nil,
    budget: MemoryBudget? = nil, progress: ProgressHandler? = nil
  ) throws -> WeightWatcherDetails {
    let plan = WeightWatcherPlan(file.catalog, graph: try? ModelGraph(file.catalog))
    let (layers, left) = options.selection.split(plan.layers.map(\.layer))
    var numbers: [SpectralLayer: WeightWatcherLayer] = [:]
    for layer in plan.layers { numbers[layer.layer] = layer }
    let numbered = numbers
    let results = try each(layers, jobs: jobs, progress: progress) { layer in
      guard let own = numbered[layer] else {
        throw Diagnostic(.failed, "the layer is not in the plan")
      }
      return try layer.within(budget, of: [file], options) {
        let tensor = try file.read(file.entry(named: layer.tensors[0]), jobs: 1)
        let slices = try singularValues(of: layer, precision: options.precision) { _ in tensor }
        var random: ShuffledSpectrum?
        if options.shuffles {
          let original = slices.joined().map { $0 * $0 }.sorted()
          random = try shuffled(layer, original, options) { _ in tensor }
        }
        return WeightWatcherRow(own, slices: slices, shuffled: random)
      }
    }
    return WeightWatcherDetails(
      rows: results.compactMap { try? $0.get() }, skipped: plan.skipped + left,
      failures: failures(layers, results))
  }
}
