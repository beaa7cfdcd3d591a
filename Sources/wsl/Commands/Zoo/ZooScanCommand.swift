import ArgumentParser
import Datasets
import Networks
import Support
import WeightFiles
import ZooIndex

/// `wsl zoo scan`: compute what is missing.
struct ZooScanCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Compute metrics of the models of an index: what is missing, and only that.",
    discussion: """
      Results are kept model by model: after Ctrl-C or a kill the same command goes on. With --shard \
      a part of the models is scanned into a file of its own, which `wsl zoo merge` takes into the \
      index; K counts from 0 or from 1. Examples:
        wsl zoo scan zoo.sqlite
        wsl zoo scan zoo.sqlite --metrics statistics,norms \\
          --where "test_accuracy > 0.9"
        wsl zoo scan zoo.sqlite --metrics hessian --data digits --limit 500
        wsl zoo scan zoo.sqlite --shard 1/8 -o shards/1.sqlite
        parallel wsl zoo scan zoo.sqlite --shard {}/8 -o shards/{}.sqlite \\
          ::: 1 2 3 4 5 6 7 8
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(help: "The metrics, with commas between them: statistics, norms, spectrum, hessian.")
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

  @Option(
    help: """
      For the metric hessian: the data. It is of the training examples' loss; accuracies are of the test \
      examples.
      """)
  var data: String?

  @Option(help: "With --data: use only so many examples of each split, the first ones.")
  var limit: Int?

  @OptionGroup var normalizing: NormalizationOptions

  @Flag(help: "Compute everything anew.")
  var force = false

  @OptionGroup var memory: MemoryOptions
  @OptionGroup var workers: JobOptions
  @OptionGroup var shown: OutputOptions

  var interruption: Interruption.Outcome { .goesOn }

  func validate() throws {
    if shard != nil && output == nil { throw ValidationError("--shard needs -o.") }
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
    try normalizing.check(data: data)
  }

  func run() async throws {
    let stop = Interruption.finishesWork()
    let names = metrics.map(ZooListCommand.names) ?? Metrics.usual
    var options = ZooScanner.Options(metrics: try await chosen(names))
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

  /// The metrics, those that need data with them.
  private func chosen(_ names: [String]) async throws -> [any Metric] {
    guard let reference = try normalizing.reference(data) else { return try Metrics.named(names) }
    var found: [any Metric] = []
    for name in names {
      guard Metrics.needingData.contains(name) else {
        found += try Metrics.named([name])
        continue
      }
      func load(_ split: DataSource.Split) async throws -> Dataset {
        let examples = try await reference.load(split: split)
        return limit.map { examples.prefix($0) } ?? examples
      }
      found.append(
        HessianMetric(
          .init(
            name: [data ?? "", normalizing.normalize].compactMap { $0 }.joined(separator: " "),
            training: try await load(.train), test: try await load(.test))))
    }
    return found
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
