import ArgumentParser
import Reports
import Support
import WeightFiles
import ZooBuilding
import ZooSpecs

/// `wsl zoo`: collections of networks.
struct ZooCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zoo", abstract: "Build, index, ask, scan and pack collections of networks.",
    subcommands: [
      ZooBuildCommand.self, ZooIndexCommand.self, ZooListCommand.self, ZooShowCommand.self,
      ZooDuplicatesCommand.self, ZooVerifyCommand.self, ZooExportCommand.self, ZooScanCommand.self,
      ZooMergeCommand.self, ZooSubmitCommand.self, ZooTreesCommand.self, ZooRouteCommand.self,
      ZooPhasesCommand.self, ZooScalingCommand.self, ZooMultiplicityCommand.self,
      ZooPackCommand.self, ZooUnpackCommand.self,
    ])
}

/// `wsl zoo build`: train the networks that a spec describes.
struct ZooBuildCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Train the zoo that a spec describes.",
    discussion: """
      The same spec gives the same files, byte for byte, whatever the number of jobs. Example:
        wsl zoo build zoo-specs/digits-mlp.yaml -o zoo
      """)

  @Argument(help: "The spec, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var spec: String

  @Option(name: [.short, .long], help: "The folder for the files.", completion: .directory)
  var output: String

  @Flag(help: "Keep the models that are there already, and train the rest.")
  var resume = false

  @Flag(help: "Replace models that are there already.")
  var force = false

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func validate() throws {
    if resume && force { throw ValidationError("--resume and --force exclude each other.") }
  }

  var interruption: Interruption.Outcome {
    resume ? .goesOn : force ? .keepsModelsAgainstForce : .keepsModels
  }

  func run() async throws {
    let zoo = try ZooSpec(contentsOf: spec)
    let progress = ProgressLine(quiet: shown.quiet)
    let policy: ZooBuilder.Existing = resume ? .keep : force ? .replace : .refuse
    let built = try await ZooBuilder(spec: zoo, folder: output, existing: policy)
      .build(jobs: workers.jobs, progress: progress.handler)
    progress.finish()
    let result = ZooBuildResult(spec: spec, output: output, models: built)
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      Terminal.print(result.text)
    }
  }
}
