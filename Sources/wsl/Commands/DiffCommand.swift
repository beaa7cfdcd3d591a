import ArgumentParser
import ModelGraph
import WeightFiles
import WorkbenchCore

/// `wsl diff`: how two models differ, tensor by tensor.
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two models, tensor by tensor, in whatever formats they are.",
    discussion: """
      Tensors are compared with their namesakes; the others with those of their shape, in order, \
      which is said. Examples:
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
      removed or reshaped.
      """)
  var failAbove: Double?

  @Flag(
    help: """
      Compare kernels [in, out] with [out, in], and [height, width, in, out] with [out, in, height, \
      width], where only that fits.
      """)
  var transposed = false

  @OptionGroup var part: PartOptions
  @OptionGroup var workers: JobOptions
  @OptionGroup var shown: OutputOptions

  mutating func validate() throws {
    (a, b) = (part.path(a), part.path(b))
    if let failAbove, !(failAbove >= 0) {
      throw ValidationError("--fail-above takes a number from 0 up.")
    }
  }

  func run() async throws {
    async let openingA = WeightFile.open(a)
    async let openingB = WeightFile.open(b)
    let (first, second) = (try await openingA, try await openingB)
    let comparison = try FileComparison(
      first, second, transposing: transposed, jobs: workers.jobs,
      isAside: { TensorRole(ofTensorNamed: $0) != nil })
    let result = DiffResult(comparison, first.catalog, second.catalog, limit: failAbove)
    shown.warn(result.warnings)
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
    if result.exceeds == true { throw ExitCode(2) }
  }
}
