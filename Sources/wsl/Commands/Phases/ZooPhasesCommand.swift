import ArgumentParser
import Phases
import Workbench
import Support
import ZooIndex

/// `wsl zoo phases`: the phases of the models of an index.
struct ZooPhasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phases",
    abstract: "Give every cell of a zoo its phase of the loss landscape.",
    discussion: """
      Models of one load and one temperature are seeds of one cell; checkpoints within a training are \
      left out. The measures are columns of the index: train_loss and test_accuracy, what \
      `wsl zoo scan --metrics hessian --data D` adds (the same, and the Hessian's largest eigenvalue \
      and trace), and labels called connectivity and similarity (`wsl zoo index --labels`). Without one \
      of them the phases that it decides are not told, and that is said. Examples:
        wsl zoo phases zoo.sqlite --load width --temperature batch_size
        wsl zoo phases zoo.sqlite --load width --temperature batch_size \\
          --columns connectivity=mc,similarity=cka --plot phases.svg
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(help: "The column of the load, such as width.")
  var load: String

  @Option(help: "The column of the temperature, such as batch_size.")
  var temperature: String

  @Option(name: .customLong("where"), help: "Take the models for which this SQL expression holds.")
  var filter: String?

  @OptionGroup var phases: PhaseOptions
  @OptionGroup var figure: PhaseFigureOptions
  @OptionGroup var workers: JobOptions
  @OptionGroup var shown: OutputOptions

  func run() throws {
    let columns = try phases.chosen(load: load, temperature: temperature)
    let options = try phases.options(jobs: workers.jobs)
    try figure.check(inputs: [index])
    let zoo = try ZooIndex.open(reading: index)
    let table = try PhaseTable(zoo, columns: columns, where: filter)
    // Said first: where thresholds cannot be found, this is why.
    let missing = table.warnings + Self.missing(table)
    shown.warn(missing)
    let map: PhaseMap
    do { map = try PhaseMap(table.models, options: options) } catch let error as Diagnostic {
      throw error.inside(index)
    }
    let result = PhasesResult(
      source: index, table: table, map: map, options: options,
      warnings: missing + map.warnings)
    try figure.write(result)
    shown.warn(map.warnings)
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
  }

  /// How to come by the measures that the index lacks.
  private static func missing(_ table: PhaseTable) -> [String] {
    PhaseMeasure.allCases.filter { table.measures[$0] == nil }.map { measure in
      let how =
        switch measure {
        case .connectivity:
          "measure pairs with `wsl connect A B --data D --path bezier` and "
            + labels("connectivity")
        case .similarity:
          "measure pairs with `wsl similarity A B --data D` and " + labels("similarity")
        default: "`wsl zoo scan INDEX --metrics hessian --data D` computes it"
        }
      return "the index has no column of the \(measure.title): \(how); --columns names one that is "
        + "called otherwise"
    }
  }

  private static func labels(_ column: String) -> String {
    "add them as a column \(column) with `wsl zoo index FOLDER -o INDEX --labels FILE.csv`"
  }
}
