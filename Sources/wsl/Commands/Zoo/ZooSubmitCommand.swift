import ArgumentParser
import Foundation
import Support
import ZooIndex

/// `wsl zoo submit`: scan on several machines.
struct ZooSubmitCommand: ParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Scan an index in shards, on a cluster or here, and merge them.",
    discussion: """
      All nodes have to see the index, the models and the folder for shards under the same paths. No \
      SQLite file is written by two hosts: each shard has its own. Examples:
        wsl zoo submit zoo.sqlite --shards 64 --dry-run
        wsl zoo submit zoo.sqlite --shards 64 --at-once 16 --option=--partition=long
        wsl zoo submit zoo.sqlite --engine local --shards 4
        wsl zoo submit zoo.sqlite --shards 16 --metrics hessian,connectivity --data cifar10/
      """)

  enum Engine: String, ExpressibleByArgument, CaseIterable {
    case slurm
    case local
  }

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(help: "Who runs the shards: slurm, or this machine.")
  var engine = Engine.slurm

  @Option(help: "How many shards.")
  var shards = 8

  @Option(help: "How many shards may run at once (default: all; here: as many as cores).")
  var atOnce: Int?

  @Option(
    name: [.short, .long], help: "The folder for shards and logs (default: INDEX.shards).",
    completion: .directory)
  var output: String?

  @Option(help: "The metrics, with commas between them.")
  var metrics: String?

  @Option(name: .customLong("where"), help: "Scan the models for which this SQL expression holds.")
  var filter: String?

  @OptionGroup(title: "The data") var measured: ScanDataOptions
  @OptionGroup(title: "Cells of a zoo") var grid: CellOptions

  @Option(help: "How many cores a shard uses.")
  var jobs: Int?

  @Option(
    parsing: .singleValue, help: "A further option of sbatch, such as --option=--partition=long.")
  var option: [String] = []

  @Flag(help: "Only print what would be submitted.")
  var dryRun = false

  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  var interruption: Interruption.Outcome { .goesOn }

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs takes a number from 1 up.") }
  }

  func run() throws {
    // Both are checked here, before many nodes find out.
    let names = metrics.map(ZooListCommand.names) ?? Metrics.usual
    let dataWords = try measured.words(names)
    let zoo = try ZooIndex.open(reading: index)
    var count = IndexQuery()
    count.filter = filter
    count.countsOnly = true
    let models = try zoo.ask(count).rows.first?.first?.number ?? 0
    try zoo.close()
    var scanOptions: [String] = []
    if let metrics { scanOptions += ["--metrics", metrics] }
    if let filter { scanOptions += ["--where", filter] }
    scanOptions += dataWords + grid.words
    if let jobs { scanOptions += ["--jobs", String(jobs)] }
    let executable = Bundle.main.executablePath ?? CommandLine.arguments[0]
    // Absolute paths, which all nodes see.
    let (index, folder) = (
      ScanJobs.absolute(index), ScanJobs.absolute(output ?? index + ".shards")
    )
    let jobs = try ScanJobs(
      folder: folder, shards: shards, width: atOnce, schedulerOptions: option,
      mergeCommand: [executable, "zoo", "merge", index, folder]
    ) { [shards, scanOptions] part in
      [executable, "zoo", "scan", index] + (part.map { ["--shard", "\($0)/\(shards)"] } ?? [])
        + ["-o", folder + "/"] + scanOptions + ["--quiet"]
    }
    var result = ZooSubmitResult(
      index: self.index, engine: engine.rawValue, shards: shards, models: Int(models),
      folder: jobs.folder, dryRun: dryRun)
    switch engine {
    case .slurm:
      result.scripts = jobs.slurmScripts
      if !dryRun { result.jobs = try jobs.submit() }
    case .local:
      result.scripts = jobs.localScripts
      if !dryRun { result.exitCode = try jobs.runHere() }
    }
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
    if let code = result.exitCode, code != 0 { throw ExitCode(code) }
  }
}

/// What `wsl zoo submit` says.
struct ZooSubmitResult: Encodable {
  var index: String
  var engine: String
  var shards: Int
  var models: Int
  var folder: String
  var dryRun: Bool
  /// What is run: scripts for Slurm, commands for this machine.
  var scripts: [String] = []
  /// Slurm's numbers of the array and of the merge.
  var jobs: [String] = []
  /// The code that the merge ended with, where it ran here.
  var exitCode: Int32?

  /// The result for a person.
  var text: String {
    if dryRun { return scripts.joined(separator: "\n") }
    let head = "\(models) models in \(shards) shards, in \(folder)"
    let rest = jobs.isEmpty ? "scanned and merged" : "jobs: \(jobs.joined(separator: ", then "))"
    return "\(head.escapingControlCharacters); \(rest)"
  }
}
