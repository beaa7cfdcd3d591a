import Archives
import ArgumentParser
import Reports
import Support
import WeightFiles
import Workbench
import ZooIndex

/// `wsl zoo trees`: which models descend from which.
struct ZooTreesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trees",
    abstract: "Find the trees of the models of an index, and who descends from whom.",
    discussion: """
      From weights alone: distances group the models, the root is the one nearest to all, and edges \
      are the cheapest that join a group and lead on from a parent instead of back, where kurtosis agrees. \
      With --truth the result is compared \
      with a table of the columns child and parent (names or files), or with the parents that the \
      files name themselves: --truth index. Examples:
        wsl zoo trees zoo.sqlite --dot trees.dot
        wsl zoo trees zoo.sqlite --truth index --json
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(help: "The layer to compare (default: all that the models share).")
  var layer: String?

  @Option(name: .customLong("where"), help: "Take the models for which this SQL expression holds.")
  var filter: String?

  @Option(help: "A table of child and parent to compare with; index takes what files say.")
  var truth: String?

  @Option(help: "Write the trees to this file, for Graphviz.", completion: .file())
  var dot: String?

  @Option(help: "Draw the trees into this file, .svg.", completion: .file())
  var plot: String?

  @Flag(help: "Replace the file where it exists.")
  var force = false

  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  func run() async throws {
    if let dot { try OutputPath.check(dot, inputs: [index], overwrites: force) }
    if let plot {
      guard plot.hasSuffix(".svg") else {
        throw Diagnostic(
          .usage, "pictures are written as SVG", at: [plot], remedy: "let its name end in .svg")
      }
      try OutputPath.check(
        plot, inputs: [index] + [dot].compactMap { $0 }, overwrites: force)
    }
    let known = try truth.flatMap { $0 == "index" ? nil : try TreeTruth(contentsOf: $0) }
    let zoo = try ZooIndex.open(reading: index)
    let stop = Interruption.finishesWork()
    var options = ZooReading.Options()
    options.jobs = workers.jobs
    options.shouldStop = { stop.isRequested }
    let progress = ProgressLine(quiet: shown.quiet)
    let trees: ModelTrees
    do {
      trees = try await ModelTrees(
        zoo, layer: layer, where: filter, options: options, memory: memory.limit() ?? 4 << 30,
        progress: progress.handler)
    } catch {
      progress.finish()
      throw error
    }
    progress.finish()
    let truth = known ?? (truth == nil ? nil : TreeTruth(documented: trees))
    let result = ZooTreesResult(index: index, trees: trees, truth: truth)
    if let dot {
      try AtomicFile.write(Array(result.dot.utf8), to: dot, overwrites: force)
    }
    if let plot {
      try AtomicFile.write(Array(result.drawing.svg().utf8), to: plot, overwrites: force)
    }
    shown.warn(result.warnings)
    try ResultPrinter.show(result, as: shown, result.text)
  }
}

/// `wsl zoo route`: which tree of an index a model belongs to.
struct ZooRouteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "route",
    abstract: "Tell which tree of an index weight files belong to, or that they belong to none.",
    discussion: """
      A file belongs to the tree whose centre is nearest, and to none where it is farther from it \
      than one and a half times the outermost model of the tree. Example:
        wsl zoo route zoo.sqlite model.safetensors --json
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Argument(help: "Weight files.", completion: .file())
  var files: [String]

  @Option(help: "The layer to compare (default: the largest that the models share).")
  var layer: String?

  @Option(name: .customLong("where"), help: "Take the models for which this SQL expression holds.")
  var filter: String?

  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  func run() async throws {
    let zoo = try ZooIndex.open(reading: index)
    var options = ZooReading.Options()
    options.jobs = workers.jobs
    let progress = ProgressLine(quiet: shown.quiet)
    let router: TreeRouter
    do {
      router = try await TreeRouter(
        zoo, layer: layer, where: filter, options: options, memory: memory.limit() ?? 4 << 30,
        progress: progress.handler)
    } catch {
      progress.finish()
      throw error
    }
    progress.finish()
    var rows: [ZooRouteRow] = []
    for path in files {
      do {
        rows.append(ZooRouteRow(path, try router.route(try await WeightFile.open(path))))
      } catch let error as Diagnostic where files.count > 1 {
        rows.append(ZooRouteRow(path, error))
      }
    }
    try ResultPrinter.show(rows, as: shown, ZooRouteRow.text(rows, layer: router.layer))
    if rows.contains(where: { $0.error != nil }) { throw ExitCode(3) }
  }
}
