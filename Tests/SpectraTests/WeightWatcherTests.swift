import Catalogs
import Spectra
import Support
import Testing
import WeightFiles

/// The rows beside those of WeightWatcher 0.7.7 itself; `Fixtures/make_fixtures.py` made them.
@Suite("WeightWatcher's columns")
struct WeightWatcherTests {
  private static let columns = [
    "alpha", "D", "xmin", "xmax", "sigma", "lambda_max", "log_norm", "norm", "stable_rank",
    "alpha_weighted", "log_alpha_norm", "log_spectral_norm", "spectral_norm", "sv_max", "entropy",
    "detX_val", "detX_val_unrescaled", "Q",
  ]
  private static let counts = [
    "layer_id", "N", "M", "rf", "num_evals", "rank_loss", "weak_rank_loss", "matrix_rank",
    "num_pl_spikes", "detX_num", "num_ERG_spikes", "ERG_gap",
  ]
  private static let texts = ["name", "longname", "layer_type", "status", "warning"]

  @Test(
    "every column of every layer",
    arguments: [("mlp", "safetensors", 6), ("vgg", "safetensors", 9), ("keras", "h5", 5)])
  func details(_ name: String, _ kind: String, _ rows: Int) async throws {
    let file = try await WeightFile.open(Fixture.path("\(name).\(kind)"))
    let details = try SpectrumAnalysis.weightWatcherDetails(file)
    let truth = try JSONValue(parsing: Fixture.bytes("\(name).json"))
    #expect(truth["name"]?.array?.count == rows && details.rows.count == rows)
    #expect(details.failures.isEmpty)
    for (index, row) in details.rows.enumerated() {
      let name = try #require(truth["name"]?[index]?.string)
      for column in Self.texts {
        #expect(row[column] == truth[column]?[index]?.string.map { .text($0) })
      }
      for column in Self.counts {
        let exact = try #require(truth[column]?[index]?.number)
        #expect(row[column] == .count(Int(exact)), "\(name) \(column)")
      }
      for column in Self.columns {
        try compare(row[column], truth[column]?[index], "\(name) \(column)")
      }
      // Below 1e-8 of the largest it is rounding in both.
      let smallest = try #require(truth["sv_min"]?[index]?.number)
      guard case .number(let value)? = row["sv_min"] else { Issue.record("no sv_min"); continue }
      let largest = try #require(truth["sv_max"]?[index]?.number)
      #expect(abs(value - smallest) <= 1e-6 * smallest + 1e-9 * largest, "\(name) sv_min")
    }
  }

  /// Equal to a millionth; null where it is null or not finite there.
  private func compare(
    _ cell: WeightWatcherRow.Cell?, _ truth: JSONValue?, _ place: String
  ) throws {
    switch cell {
    case .number(let value)?:
      guard let exact = truth?.number else {
        #expect(!value.isFinite, "\(place): \(value) where it has no number")
        return
      }
      #expect(abs(value - exact) <= 1e-6 * abs(exact) + 1e-14, "\(place): \(value), \(exact)")
    case .nothing?: #expect(truth?.number == nil, "\(place)")
    default: Issue.record("\(place): no cell")
    }
  }

  @Test("what it drops without a word is listed with a reason")
  func skipped() async throws {
    let file = try await WeightFile.open(Fixture.path("mlp.safetensors"))
    let details = try SpectrumAnalysis.weightWatcherDetails(file)
    let dropped = try #require(details.skipped.first { $0.name == "fc4.weight" })
    #expect(dropped.reason.contains("at least 8"))
    let names = Set(file.catalog.tensors.map(\.name))
    #expect(details.rows.count + details.skipped.count == names.count)
  }

  @Test("the summary is the mean over layers, and shuffles depend on the seed alone")
  func summaryAndShuffles() async throws {
    let file = try await WeightFile.open(Fixture.path("vgg.safetensors"))
    let details = try SpectrumAnalysis.weightWatcherDetails(
      file, options: SpectrumOptions(shuffles: true, seed: 3), jobs: 2)
    let truth = try JSONValue(parsing: Fixture.bytes("vgg.json"))
    let alphas = try #require(truth["alpha"]?.array).compactMap(\.number)
    let alpha = try #require(details.summary.first { $0.column == "alpha" }?.value)
    #expect(abs(alpha - alphas.reduce(0, +) / Double(alphas.count)) < 1e-6 * alpha)
    let again = try SpectrumAnalysis.weightWatcherDetails(
      file, options: SpectrumOptions(shuffles: true, seed: 3), jobs: 1)
    let other = try SpectrumAnalysis.weightWatcherDetails(
      file, options: SpectrumOptions(shuffles: true, seed: 4))
    func column(_ details: WeightWatcherDetails) -> [WeightWatcherRow.Cell?] {
      details.rows.map { $0["rand_distance"] }
    }
    #expect(column(details) == column(again))
    #expect(column(details) != column(other))
  }
}
