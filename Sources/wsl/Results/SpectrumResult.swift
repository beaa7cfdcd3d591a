import Catalogs
import LinearAlgebra
import Reports
import Spectra
import Support

/// What `wsl spectrum` says of a file.
struct SpectrumResult: Encodable {
  var file: String
  var compat: String?
  var layers: [[String: ResultTable.Cell]]
  /// The means over the layers, where they have a name.
  var summary: [String: FiniteNumber]
  var skipped: [Catalog.Skipped]
  var failed: [Catalog.Skipped]
  var seed: UInt64
  var warnings: [String]
  /// With the averages alone: over how many layers they are.
  var measuredCount: Int?

  private let table: ResultTable

  enum CodingKeys: String, CodingKey {
    case file, compat, layers, summary, skipped, failed, seed, warnings
    case measuredCount = "measuredLayers"
  }

  private init(
    file: String, compat: String?, table: ResultTable, summary: [String: FiniteNumber],
    skipped: [Catalog.Skipped], failed: [Catalog.Skipped], seed: UInt64, notes: [String] = []
  ) {
    self.file = file
    self.compat = compat
    self.table = table
    layers = table.objects
    self.summary = summary
    self.skipped = skipped
    self.failed = failed
    self.seed = seed
    warnings =
      notes + failed.map { "\($0.name): not measured: \($0.reason)" } + table.warnings
  }

  /// Gathers the rows in our own terms.
  init(_ model: ModelSpectrum, of file: String, seed: UInt64) {
    let rows = model.layers.map { spectrum -> ResultTable.Row in
      let layer = spectrum.layer
      return [
        ("name", .text(layer.name)), ("type", .text(layer.type)),
        ("tensors", .texts(layer.tensors)), ("longSide", .count(layer.longSide)),
        ("shortSide", .count(layer.shortSide)), ("slices", .count(layer.sliceCount)),
        ("aspectRatio", .number(layer.aspectRatio)),
        ("eigenvalues", .count(spectrum.eigenvalues.count)),
      ]
        + spectrum.measures.map { measure in
          (measure.name, Self.cell(measure.name, measure.value))
        }
    }
    var summary: [String: FiniteNumber] = [:]
    for name in ["alpha", "alphaWeighted", "hillAlpha", "logNorm", "stableRank"] {
      let values = model.layers.flatMap(\.metrics).filter { $0.name == name }.map(\.value)
      if let mean = values.mean { summary[name] = FiniteNumber(mean) }
    }
    self.init(
      file: file, compat: nil, table: ResultTable(rows: rows), summary: summary,
      skipped: model.skipped, failed: model.failures, seed: seed, notes: model.notes)
  }

  /// Gathers the rows in WeightWatcher's terms.
  init(_ details: WeightWatcherDetails, of file: String, seed: UInt64) {
    let rows = details.rows.map { row -> ResultTable.Row in
      row.cells.map { column, value in
        switch value {
        case .number(let number): (column, .number(number))
        case .count(let count): (column, .count(count))
        case .text(let text): (column, .text(text))
        case .flag(let flag): (column, .flag(flag))
        case .nothing: (column, .nothing)
        }
      }
    }
    var summary: [String: FiniteNumber] = [:]
    for (column, value) in details.summary { summary[column] = FiniteNumber(value) }
    self.init(
      file: file, compat: "weightwatcher 0.7.7", table: ResultTable(rows: rows),
      summary: summary, skipped: details.skipped, failed: details.failures, seed: seed)
  }

  /// How many layers the averages are over, and the averages alone.
  var onlySummary: SpectrumResult {
    var short = self
    short.layers = []
    short.measuredCount = layers.count
    return short
  }

  /// A row a file: the averages.
  static func summaryTable(_ results: [SpectrumResult]) -> ResultTable {
    let order = [
      "log_norm", "alpha", "alpha_weighted", "log_alpha_norm", "log_spectral_norm", "stable_rank",
      "alphaWeighted", "hillAlpha", "logNorm", "stableRank",
    ]
    let names = order.filter { name in results.contains { $0.summary[name] != nil } }
    return ResultTable(
      ["file", "layers"] + names,
      results.map { result in
        [.text(result.file), .count(result.measuredCount ?? result.layers.count)]
          + names.map { .number(result.summary[$0]) }
      })
  }

  /// The same for a person.
  static func summaryText(_ results: [SpectrumResult]) -> String {
    let rows = summaryTable(results)
    var table = TextTable(
      [.text("file")] + rows.columns.dropFirst().map { .number($0) })
    for row in rows.rows {
      table.add(
        row.map { cell in
          switch cell.value {
          case .number(let value):
            value.isFinite ? NumberFormat.significant(value, digits: 4) : "–"
          case .text(let text): text.escapingControlCharacters
          case .count(let count): NumberFormat.grouped(count)
          default: "–"
          }
        })
    }
    return table.text
  }

  /// Whole numbers are written as such.
  private static func cell(_ name: String, _ value: Double?) -> ResultTable.Cell {
    guard let value else { return .nothing }
    let counts = ["tailEigenvalues", "rank", "rankLoss", "spikes", "optimalRank", "traps"]
    guard counts.contains(name), let count = Int(exactly: value) else { return .number(value) }
    return .count(count)
  }

  /// The rows of several files as comma-separated values.
  static func csv(_ results: [SpectrumResult], withFile: Bool) -> String {
    let rows = results.flatMap { result in
      result.table.rows.map { row in withFile ? [("file", .text(result.file))] + row : row }
    }
    return ResultTable(rows: rows).csv
  }
}
