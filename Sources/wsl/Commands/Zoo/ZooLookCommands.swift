import ArgumentParser
import Support
import WeightFiles
import ZooIndex

/// `wsl zoo show`: everything that an index knows of a model.
struct ZooShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show everything that an index knows of a model.",
    discussion: """
      Examples:
        wsl zoo show zoo.sqlite digits-mlp-seed0
        wsl zoo show zoo.sqlite 'digits-*-seed0'
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Argument(help: "The model's name or file, or a pattern with *.")
  var model: String

  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func run() throws {
    let zoo = try ZooIndex.open(reading: index)
    let results = try ZooShowResult.all(zoo, model)
    if !shown.json {
      Terminal.print(results.map(\.text).joined(separator: "\n\n"))
    } else if results.count == 1 {
      try ResultPrinter.printJSON(results[0])
    } else {
      try ResultPrinter.printJSON(results)
    }
  }
}

/// `wsl zoo duplicates`: what is there more than once.
struct ZooDuplicatesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "duplicates",
    abstract: "List models that are the same, tied weights, and tensors that models share.",
    discussion: "Contents decide, not names or formats. Example:\n  wsl zoo duplicates zoo.sqlite")

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(help: "Leave out tensors of fewer bytes.")
  var minBytes = 1024

  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func run() throws {
    let zoo = try ZooIndex.open(reading: index)
    let result = ZooDuplicatesResult(
      index: index, found: try Duplicates(zoo, smallest: max(1, minBytes)))
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
  }
}

/// `wsl zoo verify`: whether the files are what they were.
struct ZooVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "List files that are gone, changed or damaged since they were indexed.",
    discussion: """
      Contents are read and compared with the hashes of the index. The exit code is 2 where \
      something was found. Example:
        wsl zoo verify zoo.sqlite
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Flag(help: "Only look at sizes and times.")
  var quick = false

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  func run() async throws {
    let zoo = try ZooIndex.open(reading: index)
    let progress = ProgressLine(quiet: shown.quiet)
    let found = try await IndexVerification(
      zoo, reads: !quick, jobs: workers.jobs, progress: progress.handler)
    progress.finish()
    let result = ZooVerifyResult(index: index, found: found)
    try ResultPrinter.show(result, as: shown, result.text)
    if !found.findings.isEmpty { throw ExitCode(2) }
  }
}
