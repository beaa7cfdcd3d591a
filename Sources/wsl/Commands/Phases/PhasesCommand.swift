import ArgumentParser
import Phases
import Workbench
import Support
import ZooIndex

/// `wsl phases`: the phases of the loss landscape, from a table of measures.
struct PhasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phases",
    abstract: "Give every cell of a grid of networks its phase of the loss landscape.",
    discussion: """
      A row of the table is a model, or the mean of several: its load and temperature (columns width \
      and bs where nothing else is named), train_loss, mc (mode connectivity), cka, and if they are \
      there log_top_ev, log_trace, test_acc. Rows of one load and temperature are seeds of one cell. \
      The train loss is high above its threshold, models are connected where no barrier is deeper \
      than the second, and similar from the third up: I is high and not connected, II high and \
      connected, III low and not connected, IV-A low, connected and not similar, IV-B similar. \
      Thresholds that are not given are found: those by which the phases separate the measures best \
      (Wilks' lambda). Examples:
        wsl phases --table grid.csv --load width --temperature bs
        wsl phases --table grid.csv --thresholds loss=0.1,connectivity=1,similarity=0.65 --json
      """)

  @Option(help: "The table, comma-separated values with a heading.", completion: .file())
  var table: String

  @Option(help: "The column of the load, such as the width.")
  var load: String?

  @Option(help: "The column of the temperature, such as the batch size.")
  var temperature: String?

  @Option(name: .customLong("where"), help: "Take the rows for which this SQL expression holds.")
  var filter: String?

  @OptionGroup(title: "Phases") var phases: PhaseOptions
  @OptionGroup(title: "The picture") var figure: PhaseFigureOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  func run() throws {
    let columns = try phases.chosen(load: load, temperature: temperature)
    let options = try phases.options(jobs: workers.jobs)
    try figure.check(inputs: [table])
    let rows = try PhaseTable(
      try CSVTable(contentsOf: table), path: table, columns: columns, where: filter)
    let map: PhaseMap
    do { map = try PhaseMap(rows.models, options: options) } catch let error as Diagnostic {
      throw error.inside(table)
    }
    let result = PhasesResult(
      source: table, table: rows, map: map, options: options,
      warnings: rows.warnings + map.warnings)
    try figure.write(result)
    shown.warn(result.warnings)
    try ResultPrinter.show(result, as: shown, result.text)
  }
}
