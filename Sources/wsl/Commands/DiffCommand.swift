import ArgumentParser
import ModelGraph
import Support
import WeightFiles
import Workbench

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
        wsl diff keras.h5 torch.safetensors --canonical
        wsl diff a.h5 b.h5 --plot moved.svg
      With --canonical, tensors are recognised by what they hold, whatever they are named, and however \
      they are ordered, laid out, fused, stacked, rounded, permuted or scaled; each pair has a relation: equal, \
      equalAfterCast, transposed, permuted, slices, rescaled, changed, untouched (equal in its place \
      although its like were changed), missing.
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

  @Flag(help: "Compare what tensors hold, whatever their names, order, layout, type and gauge.")
  var canonical = false

  @Option(
    help: ArgumentHelp(
      "Draw how far each tensor is apart: an SVG picture, and its numbers as CSV and Vega-Lite.",
      valueName: "file"), completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Replace files of --plot where they exist.")
  var force = false

  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var memory: StreamOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  mutating func validate() throws {
    (a, b) = (part.path(a), part.path(b))
    if let failAbove, !(failAbove >= 0) {
      throw ValidationError("--fail-above takes a number from 0 up.")
    }
    if canonical, transposed {
      throw ValidationError(
        "--canonical finds transposed tensors by itself: leave --transposed out.")
    }
    if canonical, plot != nil {
      throw ValidationError("--plot draws distances in place, which --canonical does not measure.")
    }
  }

  func run() async throws {
    if let plot { try FigureFiles.check(plot, inputs: [a, b], overwrites: force) }
    let memory = try memory.limit()
    async let openingA = WeightFile.open(a)
    async let openingB = WeightFile.open(b)
    let (first, second) = (try await openingA, try await openingB)
    if canonical { return try compareContents(first, second, memory) }
    let pairing = try FilePairing(first, second, transposing: transposed)
    let comparison = try FileComparison(
      first, second,
      pairs: pairing.pairs.map { .init(first: $0.first, second: $0.second, axes: $0.axes) },
      jobs: workers.jobs, budget: memory.budget, isStrict: memory.isStrict)
    let result = DiffResult(
      pairing, comparison, try UnreadComparison(first, second, jobs: workers.jobs),
      first.catalog, second.catalog, limit: failAbove)
    shown.warn(result.warnings)
    if let plot { try FigureFiles.write(result.chart, to: plot, overwrites: force) }
    if try ResultPrinter.show(result, as: shown, result.text), let plot {
      Terminal.print("written: \(plot.escapingControlCharacters)")
    }
    if result.exceeds == true { throw ExitCode(2) }
  }

  /// The comparison by what the tensors hold.
  private func compareContents(
    _ first: WeightFile, _ second: WeightFile, _ memory: (budget: Int, isStrict: Bool)
  ) throws {
    let progress = ProgressLine(quiet: shown.quiet)
    defer { progress.finish() }
    let comparison = try CanonicalComparison(
      first, second, pairing: try FilePairing(first, second, transposing: true),
      options: .init(jobs: workers.jobs, budget: memory.budget, isStrict: memory.isStrict),
      progress: progress.handler)
    progress.finish()
    let result = CanonicalResult(
      comparison, first.catalog, second.catalog, limit: failAbove)
    shown.warn(result.warnings)
    try ResultPrinter.show(result, as: shown, result.text)
    if result.exceeds == true { throw ExitCode(2) }
  }
}
