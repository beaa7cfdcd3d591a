import Catalogs
import ModelGraph
import Reports
import Spectra
import Support
import Workbench

/// What `wsl spectrum --compare` says.
struct SpectrumComparisonResult: TabularResult {
  struct Change: Encodable {
    /// `‖B − A‖ / ‖A‖`.
    var weightDistance: FiniteNumber
    var lambdaMax: FiniteNumber
    var stableRank: FiniteNumber
    var alpha: FiniteNumber?
    var optimalRank: Int?
    var spikes: Int?
  }

  /// Angles in degrees, rising, and the mean of their squared cosines.
  struct Angles: Encodable {
    var left: [Double]
    var right: [Double]
    var leftOverlap: Double
    var rightOverlap: Double

    init(_ angles: SubspaceAngles) {
      left = angles.left.map { $0 * 180 / .pi }
      right = angles.right.map { $0 * 180 / .pi }
      leftOverlap = SubspaceAngles.overlap(angles.left)
      rightOverlap = SubspaceAngles.overlap(angles.right)
    }
  }

  struct Row: Encodable {
    var name: String
    var other: String
    var type: String
    var a: [String: ResultTable.Cell]
    var b: [String: ResultTable.Cell]
    var spectralDistance: FiniteNumber
    var change: Change?
    var angles: Angles?
  }

  var a: String
  var b: String
  var layers: [Row]
  var skipped: [Catalog.Skipped]
  var failed: [Catalog.Skipped]
  var pairing: PairingRow
  var warnings: [String]

  /// Gathers the rows.
  init(_ comparison: SpectrumComparison, _ first: String, _ second: String) {
    a = first
    b = second
    layers = comparison.rows.map { row in
      Row(
        name: row.first.layer.name, other: row.second.layer.name, type: row.first.layer.type,
        a: Self.cells(row.first), b: Self.cells(row.second),
        spectralDistance: FiniteNumber(row.spectralDistance),
        change: row.change.map { change in
          Change(
            weightDistance: FiniteNumber(row.weightDistance ?? .nan),
            lambdaMax: FiniteNumber(change.largest), stableRank: FiniteNumber(change.stableRank),
            alpha: change.powerLaw.map { FiniteNumber($0.alpha) },
            optimalRank: change.noise?.optimalRank, spikes: change.noise?.spikes)
        }, angles: row.angles.map { Angles($0) })
    }
    skipped = comparison.skipped
    failed = comparison.failures
    pairing = PairingRow(comparison.pairing, with: second)
    warnings =
      comparison.pairing.notes + comparison.notes
      + failed.map { "\($0.name): not measured: \($0.reason)" }
    for row in layers {
      if let change = row.change, !change.stableRank.value.isFinite {
        warnings.append("\(row.name): did not change; the numbers of its change are null")
      }
    }
  }

  private static func cells(_ spectrum: LayerSpectrum) -> [String: ResultTable.Cell] {
    Dictionary(
      spectrum.measures.map { ($0.name, $0.value.map { .number($0) } ?? .nothing) },
      uniquingKeysWith: { $1 })
  }

  private var hasAngles: Bool { layers.contains { $0.angles != nil } }

  /// A line a layer, for comma-separated values.
  var table: ResultTable {
    ResultTable(
      rows: layers.map { row in
        var cells: ResultTable.Row = [("name", .text(row.name)), ("other", .text(row.other))]
        for key in ["alpha", "logNorm", "lambdaMax", "stableRank", "rank"] {
          cells.append(("\(key)A", row.a[key] ?? .nothing))
          cells.append(("\(key)B", row.b[key] ?? .nothing))
        }
        cells.append(("spectralDistance", .number(row.spectralDistance.value)))
        if let change = row.change {
          cells += [
            ("weightDistance", .number(change.weightDistance.value)),
            ("changeStableRank", .number(change.stableRank.value)),
            ("changeOptimalRank", change.optimalRank.map { .count($0) } ?? .nothing),
          ]
        }
        if hasAngles {
          cells += [
            ("leftOverlap", row.angles.map { .number($0.leftOverlap) } ?? .nothing),
            ("rightOverlap", row.angles.map { .number($0.rightOverlap) } ?? .nothing),
          ]
        }
        return cells
      })
  }

  /// The result for a person.
  var text: String {
    var columns: [TextTable.Column] = [
      .text("layer"), .number("alpha A"), .number("alpha B"), .number("log norm A"),
      .number("log norm B"), .number("stable rank A"), .number("stable rank B"),
      .number("values moved"), .number("weights moved"), .number("stable rank of the change"),
    ]
    if hasAngles { columns += [.number("left space kept"), .number("right space kept")] }
    var table = TextTable(columns)
    for row in layers {
      let name = row.other == row.name ? row.name : "\(row.name) ~ \(row.other)"
      let pairs = ["alpha", "logNorm", "stableRank"].flatMap { [row.a[$0], row.b[$0]] }
      var cells = [name.escapingControlCharacters] + pairs.map(Self.text)
      cells.append(Self.percent(row.spectralDistance))
      cells.append(row.change.map { Self.percent($0.weightDistance) } ?? "–")
      cells.append(row.change.map { Self.text(.number($0.stableRank.value)) } ?? "–")
      if hasAngles { cells += Self.overlaps(row) }
      table.add(cells)
    }
    return table.text + "\n\n" + pairing.text
  }

  private static func overlaps(_ row: Row) -> [String] {
    guard let angles = row.angles else { return ["–", "–"] }
    return [angles.leftOverlap, angles.rightOverlap].map { NumberFormat.percent($0) }
  }

  private static func percent(_ share: FiniteNumber) -> String {
    share.value.isFinite ? NumberFormat.percent(share.value) : "–"
  }

  private static func text(_ cell: ResultTable.Cell?) -> String {
    guard case .number(let value)? = cell, value.isFinite else { return "–" }
    return NumberFormat.significant(value, digits: 4)
  }
}
