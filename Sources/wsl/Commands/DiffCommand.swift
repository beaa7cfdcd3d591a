import ArgumentParser
import ModelGraph
import Support
import WeightFiles

/// `wsl diff`: how two models differ, tensor by tensor.
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two models, tensor by tensor, in whatever formats they are.",
    discussion: """
      Tensors are compared with those in the same place of the network where both files tell one, also \
      where only the heads differ; else with their namesakes, numbers from different counts in \
      order; what is left, with those of its shape, in order. How is said. Examples:
        wsl diff a.h5 b.h5
        wsl diff model.pt model.safetensors --fail-above 0
        wsl diff keras.h5 torch.safetensors --transposed
      """)

  @Argument(help: "The first model; changes are relative to it.", completion: .file())
  var a: String

  @Argument(help: "The second model.", completion: .file())
  var b: String

  @Option(
    help: """
      Exit with code 2 where a tensor's relative distance is above this, or a tensor is added, \
      removed or reshaped, or one that is not read as numbers is not known to be the same.
      """)
  var failAbove: Double?

  @Flag(
    help: """
      Where no network tells how kernels lie: compare [in, out] with [out, in], and [height, width, in, \
      out] with [out, in, height, width], where only that fits.
      """)
  var transposed = false

  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var memory: StreamOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  mutating func validate() throws {
    (a, b) = (part.path(a), part.path(b))
    if let failAbove, !(failAbove >= 0) {
      throw ValidationError("--fail-above takes a number from 0 up.")
    }
  }

  func run() async throws {
    let memory = try memory.limit()
    async let openingA = WeightFile.open(a)
    async let openingB = WeightFile.open(b)
    let (first, second) = (try await openingA, try await openingB)
    let pairing = try FilePairing(first, second, transposing: transposed)
    let comparison = try FileComparison(
      first, second,
      pairs: pairing.pairs.map { .init(first: $0.first, second: $0.second, axes: $0.axes) },
      jobs: workers.jobs, budget: memory.budget, isStrict: memory.isStrict)
    let result = DiffResult(
      pairing, comparison, try UnreadComparison(first, second, jobs: workers.jobs),
      first.catalog, second.catalog, limit: failAbove)
    shown.warn(result.warnings)
    try ResultPrinter.show(result, as: shown, result.text)
    if result.exceeds == true { throw ExitCode(2) }
  }
}
