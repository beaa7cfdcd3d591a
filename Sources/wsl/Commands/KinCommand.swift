import ArgumentParser
import ModelGraph
import Support
import Workbench

/// `wsl kin`: are two models of one origin?
struct KinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kin",
    abstract: "Tell from their weights whether two models are of one origin.",
    discussion: """
      Fine-tuned, pruned, quantised, rescaled and permuted copies are of the same origin; trainings \
      of one recipe from different starts are not, though their units can be brought in line \
      (alignable). The verdict is one of: same origin, alignable, unrelated, undecided. Examples:
        wsl kin base.safetensors fine-tuned.safetensors
        wsl kin seed-1.h5 seed-2.h5 --json
      """)

  @Argument(help: "The first model.", completion: .file())
  var a: String

  @Argument(help: "The second model.", completion: .file())
  var b: String

  @Option(help: "Decides the random orders that the tests compare with.")
  var seed: UInt64 = 0

  @OptionGroup(title: "The network") var stated: GraphOptions
  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  mutating func validate() throws {
    (a, b) = (part.path(a), part.path(b))
  }

  func run() async throws {
    var options = Kinship.Options()
    options.seed = seed
    options.jobs = workers.jobs
    options.memory = try memory.limit()
    let progress = ProgressLine(quiet: shown.quiet)
    defer { progress.finish() }
    let kinship = try await Kinship(
      a, b, statement: stated.statement, options: options, progress: progress.handler)
    progress.finish()
    let result = KinResult(a: a, b: b, kinship)
    try ResultPrinter.show(result, as: shown, result.text)
  }
}
