import ArgumentParser
import Formats
import Reports
import Support
import WeightFiles
import ZooIndex

/// `wsl zoo index`: every model below some folders, in one file that can be asked.
struct ZooIndexCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract: "Index the models below some folders, and in archives.",
    discussion: """
      An index that is there is brought up to date: only what is new or changed is read. Zip and tar \
      archives and packed zoos are looked into; a model in one is called ARCHIVE#MEMBER, here and in \
      every other command. Files that cannot be read are listed with the reason, and the exit code \
      is then 3. Examples:
        wsl zoo index zoo -o zoo.sqlite
        wsl zoo index zoo-packed.h5 trials.tar.gz -o zoo.sqlite
        wsl zoo index runs --epochs all --labels results.csv -o runs.sqlite
        wsl zoo index trained --spec zoo-specs/digits-mlp.yaml -o digits.sqlite
      """)

  @Argument(help: "Folders, weight files and archives.", completion: .file())
  var paths: [String]

  @Option(name: [.short, .long], help: "The index, an SQLite file.", completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "A spec: what the models were trained on, and with 'layout:' how they lie in folders.",
      valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
  var spec: String?

  @Option(
    help: ArgumentHelp(
      """
      A table (CSV) of labels: a row a model, found by a column 'file' or 'name'. It is remembered \
      and read again each time.
      """, valueName: "file"), completion: .file(extensions: ["csv"]))
  var labels: [String] = []

  @Option(help: "Which checkpoint of a Ray Tune trial is the model: last, all, or a number.")
  var epochs: String?

  @Option(
    help: """
      Read and hash models of up to this size (64M, 2G; 0: none). Damaged data is found then; larger \
      models are read when they are scanned.
      """)
  var hashLimit = "64M"

  @Option(help: "Seconds of processor time that one file may take; twice as many by the clock.")
  var timeout = 30

  @Flag(help: "Read files again that failed before, although they did not change.")
  var retry = false

  @Flag(
    help: """
      Begin anew where the index is there already: the new one is made beside it, and takes its place \
      when it is complete.
      """)
  var force = false

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func validate() throws {
    if timeout < 1 { throw ValidationError("--timeout takes a number from 1 up.") }
    _ = try hashByteCount
  }

  var interruption: Interruption.Outcome { .goesOn }

  private var hashByteCount: Int {
    get throws { hashLimit == "0" ? 0 : try MemoryOptions.byteCount(hashLimit, "--hash-limit") }
  }

  func run() async throws {
    var options = Indexer.Options()
    options.spec = spec
    options.labelFiles = labels
    options.epochs = epochs
    options.hashLimit = try hashByteCount
    options.limits.processorSeconds = timeout
    options.limits.wallSeconds = Double(2 * timeout)
    options.retriesFailures = retry
    options.jobs = workers.jobs
    let progress = ProgressLine(quiet: shown.quiet)
    try OutputPath.checkFolder(of: output)
    let work = try Indexer.prepare(paths, options)
    let site = try IndexSite(output, beginsAnew: force, purpose: work.purpose)
    let clock = ContinuousClock()
    let begun = clock.now
    let summary: IndexSummary
    do {
      summary = try await Indexer(site.index, options: options)
        .update(work, progress: progress.handler)
      progress.finish()
      try site.finish()
    } catch {
      progress.finish()
      site.abandon(error)
      throw error
    }
    let result = ZooIndexResult(
      index: output, summary: summary, seconds: (clock.now - begun) / .seconds(1))
    shown.warn(result.warnings)
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
    if !result.failures.isEmpty { throw ExitCode(3) }
  }
}
