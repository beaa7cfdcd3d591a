import ArgumentParser
import Datasets
import Networks
import Support
import WeightFiles
import Workbench
import ZooIndex

/// `wsl zoo scan`: compute what is missing.
struct ZooScanCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Compute metrics of the models of an index: what is missing, and only that.",
    discussion: """
      Results are kept model by model: after Ctrl-C or a kill the same command goes on. With --shard \
      a part of the models is scanned into a file of its own, which `wsl zoo merge` takes into the \
      index; K counts from 0 or from 1. connectivity, similarity and averaging compare the trainings \
      of a cell, which are alike in --load and --temperature and in the shapes of their tensors: a \
      Bézier curve between two of them, and straight lines before and after matching; CKA of the \
      logits; what the mean of the last epochs, and of the cell's matched networks, gains. Examples:
        wsl zoo scan zoo.sqlite
        wsl zoo scan zoo.sqlite --metrics statistics,norms \\
          --where "test_accuracy > 0.9"
        wsl zoo scan zoo.sqlite --metrics hessian --data digits --limit 500
        wsl zoo scan zoo.sqlite --metrics connectivity,similarity,averaging --data digits
        wsl zoo scan zoo.sqlite --shard 1/8 -o shards/1.sqlite
        parallel wsl zoo scan zoo.sqlite --shard {}/8 -o shards/{}.sqlite \\
          ::: 1 2 3 4 5 6 7 8
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(
    help: """
      The metrics, with commas between them: statistics, norms, spectrum, and with --data hessian, \
      connectivity, similarity, averaging, pruning, transfer.
      """)
  var metrics: String?

  @Option(name: .customLong("where"), help: "Scan the models for which this SQL expression holds.")
  var filter: String?

  @Option(
    help: ArgumentHelp(
      """
      Scan part K of N. With -o alone, K and N are those that the scheduler gives (Slurm's job \
      arrays, MPI's launchers).
      """, valueName: "k/n"))
  var shard: String?

  @Option(
    name: [.short, .long],
    help: "With a shard: write the results to this file, or into this folder.",
    completion: .file())
  var output: String?

  @OptionGroup(title: "The data") var measured: ScanDataOptions
  @OptionGroup(title: "Cells of a zoo") var grid: CellOptions

  @Flag(help: "Compute everything anew.")
  var force = false

  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  var interruption: Interruption.Outcome { .goesOn }

  func validate() throws {
    if shard != nil && output == nil { throw ValidationError("--shard needs -o.") }
  }

  func run() async throws {
    let stop = Interruption.finishesWork()
    let names = metrics.map(ZooListCommand.names) ?? Metrics.usual
    let chosen = try await measured.metrics(names) {
      let zoo = try ZooIndex.open(reading: index)
      return try ZooCells(zoo, load: grid.load, temperature: grid.temperature, where: filter)
    }
    var options = ZooScanner.Options(metrics: chosen)
    options.filter = filter
    options.jobs = workers.jobs
    options.shouldStop = { stop.isRequested }
    if let limit = try memory.limit() { options.budget = MemoryBudget(byteCount: limit) }
    let progress = ProgressLine(quiet: shown.quiet)
    let result: ZooScanResult
    do {
      if let output {
        let place = try ShardPlace(shard)
        let path = ShardFile.path(output, place)
        let summary = try await ShardFile.scan(
          index, place: place, to: path, options: options, overwrites: force,
          progress: progress.handler)
        result = ZooScanResult(index: index, metrics: names, summary: summary, shard: path)
      } else {
        let summary = try await scanAll(options, progress)
        result = ZooScanResult(index: index, metrics: names, summary: summary, shard: nil)
      }
    } catch {
      progress.finish()
      throw error
    }
    progress.finish()
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
    if !result.failures.isEmpty { throw ExitCode(3) }
  }

  private func scanAll(_ options: ZooScanner.Options, _ progress: ProgressLine) async throws
    -> ScanSummary
  {
    let zoo = try ZooIndex.open(writing: index)
    do {
      if force { try zoo.forget(options.metrics, where: options.filter) }
      let summary = try await ZooScanner(options: options).scan(zoo, progress: progress.handler)
      try zoo.close()
      return summary
    } catch {
      try? zoo.close()
      throw error
    }
  }
}
