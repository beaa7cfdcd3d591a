import Catalogs
import LinearAlgebra
import ModelGraph
import Spectra
import Support
import WeightFiles

/// The spectrum of every layer: power-law exponent, norms, ranks, what of it noise would have as well
/// (`SpectrumAnalysis`). Convolutions as slices, recurrent layers by gate.
public struct SpectrumMetric: Metric {
  private static let columns = [
    "alpha", "alphaWeighted", "D", "xmin", "sigma", "tailEigenvalues", "hillAlpha", "lambdaMax",
    "singularMin", "norm", "logNorm", "logSpectralNorm", "logAlphaNorm", "stableRank", "rank",
    "rankLoss", "entropy", "noiseSigma", "bulkEdge", "spikes", "softRank", "optimalRank",
  ]
  /// The columns whose mean over the layers is a figure of the model.
  private static let means = [
    "alpha", "alphaWeighted", "logNorm", "logSpectralNorm", "stableRank", "entropy",
  ]

  /// Makes the metric.
  public init() {}

  /// Its columns.
  public var description: MetricDescription {
    MetricDescription(name: "spectrum", settings: "2", columns: Self.columns)
  }

  /// Layers are told from tensors by the network.
  public var needsGraph: Bool { true }

  /// Measures every layer that has a spectrum.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a layer cannot be measured.
  public func measure(_ model: ScannedModel) throws -> MetricResult {
    let file = model.file
    let entries = Dictionary(
      model.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var catalog = file.catalog
    catalog.tensors = model.entries
    // With one job it is called on this thread only.
    nonisolated(unsafe) let scanned = model
    let spectrum = try SpectrumAnalysis.run(
      catalog, graph: try? ModelGraph(catalog), jobs: 1
    ) { names, work in
      let wanted = try names.map { try entries[$0] ?? file.entry(named: $0) }
      // Matrices are laid out anew beside the tensors.
      return try unsafe scanned.with(wanted, copies: 1) { tensors in
        try work(Dictionary(zip(names, tensors), uniquingKeysWith: { $1 }))
      }
    }
    if let failure = spectrum.failures.first {
      throw Diagnostic(.badData, failure.reason, at: [failure.name])
    }
    let layers = spectrum.layers.map { layer in
      (
        name: layer.layer.name,
        values: Dictionary(layer.metrics.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
      )
    }
    var summary: [String: IndexValue] = ["layers": .integer(Int64(layers.count))]
    for name in Self.means {
      let values = layers.compactMap { $0.values[name] }
      if let mean = values.mean { summary[name] = .real(mean) }
    }
    return MetricResult(
      rows: layers.map { layer in
        MetricResult.Row(
          name: layer.name,
          values: Self.columns.map { layer.values[$0].map(IndexValue.real) ?? .null })
      }, summary: summary)
  }
}
