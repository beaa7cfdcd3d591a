import ArgumentParser
import Phases
import Workbench
import Support
import ZooIndex

/// `wsl zoo phases`: the phases of the models of an index.
struct ZooPhasesCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "phases",
    abstract: "Give every cell of a zoo its phase of the loss landscape.",
    discussion: """
      Models of one load and one temperature are seeds of one cell; checkpoints within a training are \
      left out. The measures are columns of the index: train_loss and test_accuracy, what \
      `wsl zoo scan --metrics hessian,connectivity,similarity,averaging,pruning --data D` adds, and labels \
      (`wsl zoo index --labels`). With --data what is missing is computed first, and kept in the index: \
      interrupted, the same command goes on. Without a measure the phases that it decides are not told, \
      and that is said. Examples:
        wsl zoo phases zoo.sqlite --load width --temperature batch-size --data digits
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

  @OptionGroup(title: "The data") var measured: ScanDataOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "Phases") var phases: PhaseOptions
  @OptionGroup(title: "The picture") var figure: PhaseFigureOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  var interruption: Interruption.Outcome { .goesOn }

  func run() async throws {
    let columns = try phases.chosen(load: load, temperature: temperature)
    let options = try phases.options(jobs: workers.jobs)
    try figure.check(inputs: [index])
    let failures = measured.data == nil ? [] : try await scan(columns)
    let zoo = try ZooIndex.open(reading: index)
    let table = try PhaseTable(zoo, columns: columns, where: filter)
    // Said first: where thresholds cannot be found, this is why.
    let missing = table.warnings + failures + Self.missing(table)
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
    try ResultPrinter.show(result, as: shown, result.text)
    if !failures.isEmpty { throw ExitCode(3) }
  }

  /// Computes the measures that the index has no columns of from elsewhere, for the ends of trainings.
  ///
  /// - Returns: what could not be measured, a line each.
  private func scan(_ columns: PhaseColumns) async throws -> [String] {
    let stop = Interruption.finishesWork()
    let zoo = try ZooIndex.open(writing: index)
    var names = try ZooCells.missingMetrics(zoo, columns: columns)
    if measured.transfer != nil, !names.contains("transfer") { names.append("transfer") }
    let metrics = try await measured.metrics(names) {
      try ZooCells(zoo, load: load, temperature: temperature, where: filter)
    }
    var options = ZooScanner.Options(metrics: metrics)
    options.filter = try RunEnds(zoo, where: filter).filter
    options.jobs = workers.jobs
    options.shouldStop = { stop.isRequested }
    if let limit = try memory.limit() { options.budget = MemoryBudget(byteCount: limit) }
    let progress = ProgressLine(quiet: shown.quiet)
    defer { progress.finish() }
    let summary: ScanSummary
    do {
      summary = try await ZooScanner(options: options).scan(zoo, progress: progress.handler)
      try zoo.close()
    } catch {
      try? zoo.close()
      throw error
    }
    return summary.failures.map { "\($0.file): \($0.reason)" }
  }

  /// How to come by the measures that the index lacks.
  private static func missing(_ table: PhaseTable) -> [String] {
    PhaseMeasure.allCases.filter { table.measures[$0] == nil }.map { measure in
      let metric =
        switch measure {
        case .connectivity: "connectivity"
        case .similarity: "similarity"
        default: "hessian"
        }
      return "the index has no column of the \(measure.title): --data D computes it, as does "
        + "`wsl zoo scan INDEX --metrics \(metric) --data D`; --columns names one that is called "
        + "otherwise"
    }
  }
}
