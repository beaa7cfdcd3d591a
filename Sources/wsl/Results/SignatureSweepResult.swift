import Datasets
import Networks
import Reports
import Support
import Workbench

/// What `wsl signature sweep` says.
struct SignatureSweepResult: Encodable {
  struct Row: Encodable {
    var layers: Int
    var alpha: Double
    var cleanAccuracy: FiniteNumber
    var robustAccuracy: FiniteNumber
  }

  var model: String
  var signature: String
  var corruption: String
  var severity: Int?
  var strength: Double?
  var data: String
  var split: String
  var examples: Int
  var normalization: NormalizationRecord?
  var seed: UInt64
  var rows: [Row]

  init(
    _ sweep: SignatureSweep, model: String, signature: String, data: String, split: String,
    seed: UInt64, layers: [Int], alphas: [Double], scores: [[StudyScore]]
  ) {
    self.model = model
    self.signature = signature
    corruption = sweep.corruption.kind.rawValue
    strength = sweep.corruption.strength
    severity =
      strength == nil && sweep.corruption.kind.hasSeverity ? sweep.corruption.severity : nil
    self.data = data
    self.split = split
    examples = sweep.exampleCount
    self.seed = seed
    rows = zip(layers, scores).flatMap { count, scores in
      zip(alphas, scores).map { alpha, score in
        Row(
          layers: count, alpha: alpha, cleanAccuracy: FiniteNumber(score.clean),
          robustAccuracy: FiniteNumber(score.robust))
      }
    }
  }

  private var layers: [Int] {
    rows.map(\.layers).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  /// The result for a person: a row a number of layers, a column a strength.
  var text: String {
    let alphas = rows.filter { $0.layers == rows.first?.layers }.map(\.alpha)
    var table = TextTable(
      [.number("layers")] + alphas.map { .number("α = " + NumberFormat.significant($0)) })
    for count in layers {
      let cells = rows.filter { $0.layers == count }.map {
        NumberFormat.fixed(100 * $0.cleanAccuracy.value, decimals: 1) + " / "
          + NumberFormat.fixed(100 * $0.robustAccuracy.value, decimals: 1)
      }
      table.add(["\(count)"] + cells)
    }
    let damage =
      strength.map { "\(corruption) of \(NumberFormat.significant($0))" }
      ?? severity.map { "\(corruption), severity \($0)" } ?? corruption
    return """
      accuracy in %, clean / \(damage); \(signature.escapingControlCharacters) on \
      \(NumberFormat.grouped(examples)) \(split) images of \(data.escapingControlCharacters)
      \(table.text)
      """
  }

  /// The sweep, as a figure.
  var chart: LineChart {
    func series(_ value: (Row) -> FiniteNumber) -> [LineChart.Series] {
      layers.map { count in
        LineChart.Series(
          name: "K = \(count)",
          points: rows.filter { $0.layers == count }.map {
            LineChart.Point(x: $0.alpha, y: value($0).value)
          })
      }
    }
    return LineChart(
      title: "Patching with \(signature)",
      subtitle: "\(corruption), \(examples) \(split) images; first K layers",
      panels: [
        .init(title: "accuracy, corrupted", xLabel: "α", series: series(\.robustAccuracy)),
        .init(title: "accuracy, clean", xLabel: "α", series: series(\.cleanAccuracy)),
      ])
  }
}

extension SignatureSweepResult: TabularResult {
  /// A row a number of layers and a strength.
  var table: ResultTable {
    ResultTable(
      ["layers", "alpha", "cleanAccuracy", "robustAccuracy"],
      rows.map { row in
        [
          .count(row.layers), .number(row.alpha), .number(row.cleanAccuracy),
          .number(row.robustAccuracy),
        ]
      })
  }
}
