import ArgumentParser
import Foundation
import Probes
import Support
import WeightFiles
import Workbench
import ZooIndex

/// `wsl probe train`: learn to tell a column of an index from weights.
struct ProbeTrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a probe that tells a column of an index from weights.",
    discussion: """
      The target is a class (text or few different integers), a number, or a list of labels in one \
      cell: 'cat;dog'. Models without one are left out and named. Each fold is the test once; the \
      layer is chosen by the models that are neither learned from nor tested. Kinds: probex, mvprobe \
      (networks that read a layer), dense (all weights of a layer, in closed form), statistics, logistic, \
      naive-bayes (seven numbers of every tensor by ridge regression, logistic regression, naive Bayes), \
      moments (of a layer's rows), majority. Examples:
        wsl probe train zoo.sqlite --target classes -o classes.h5
        wsl probe train zoo.sqlite --target optimizer --kind dense --layer auto -o optimizer.h5
        wsl probe train zoo.sqlite --target test_accuracy --kind statistics -o accuracy.h5
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(help: "The column to tell.")
  var target: String

  @Option(name: [.short, .long], help: "The file of the probe, HDF5.", completion: .file())
  var output: String

  @Option(
    help: "The kind: probex, mvprobe, dense, statistics, logistic, naive-bayes, moments, majority.")
  var kind = "probex"

  @Option(help: "What the target is, where its cells leave it open: classes, labels, regression.")
  var task: String?

  @Option(help: "The layer to read, by its tensor's name; auto tries all that models share.")
  var layer = "auto"

  @Option(name: .customLong("where"), help: "Take the models for which this SQL expression holds.")
  var filter: String?

  @Option(help: "How many folds, at least 3.")
  var folds: Int?

  @Option(
    help: """
      The column of a split in place of new folds: it says train, val or test, or the number of the fold \
      that a model is the test of, as training leaves it in the index.
      """)
  var split: String?

  @Option(help: "How many times all is repeated, with other folds and first parameters.")
  var seeds = 1

  @Option(
    help: """
      Which models never are on both sides of a split: lineage (a parent, its children, and copies), \
      tree (all that descend from one root), none, or those with the same value in a column.
      """)
  var group = "lineage"

  @Flag(help: "Do not train other kinds beside it.")
  var noBaselines = false

  @Flag(
    help: """
      Train a probe for each tree of models, and judge a model by that of the nearest tree; the probe \
      for all stands beside it in the report.
      """)
  var perTree = false

  @Option(
    help: """
      A file of vectors that a model of texts gave to the names of the classes, one a class (HDF5, \
      .npz, .safetensors): the network compares models with them, and ranks by them classes that no \
      model is of.
      """, completion: .file())
  var textEmbeddings: String?

  @Option(help: "Which seven numbers of a tensor: minmax, statnn, p01.")
  var features = "minmax"

  @Flag(
    help: """
      Also learn from 8, 16, 32, … models, and say how the figure grows; of statistics for logistic \
      regression and naive Bayes, too.
      """)
  var learningCurve = false

  @Option(
    help: ArgumentHelp(
      """
      Draw what the probe takes for what, and beside it, in -reliability, how often it is right when it is \
      how sure: SVG pictures, and their numbers as CSV and Vega-Lite.
      """, valueName: "file"), completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(
    help: """
      Also say where models are in the two directions in which the layer differs most: \
      `wsl report` draws it.
      """)
  var plane = false

  @Flag(help: "Replace the file where it exists.")
  var force = false

  @OptionGroup(title: "Layers") var layers: ProbeLayerOptions
  @OptionGroup(title: "Networks") var network: ProbeNetworkOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func validate() throws {
    if folds != nil && split != nil {
      throw ValidationError("--folds and --split exclude each other.")
    }
    if let folds, folds < 3 { throw ValidationError("--folds takes a number from 3 up.") }
    if seeds < 1 { throw ValidationError("--seeds takes a number from 1 up.") }
    if StatisticsConvention(rawValue: features) == nil {
      throw ValidationError("--features takes minmax, statnn or p01.")
    }
    if let task, ProbeLabels.Task(rawValue: task) == nil {
      throw ValidationError("--task takes classes, labels or regression.")
    }
  }

  func run() async throws {
    let begun = Date()
    for path in plot.map(ProbeFigures.paths) ?? [] {
      try FigureFiles.check(path, inputs: [index], overwrites: force)
    }
    try OutputPath.check(
      output, inputs: [index] + [textEmbeddings].compactMap { $0 }, overwrites: force)
    let method = try ProbeMethods.named(kind)
    guard method.description.isKept else {
      throw Diagnostic(
        .usage, "a probe of kind '\(kind)' cannot be kept in a file", remedy: "take another kind")
    }
    if perTree, method.description.subject != .layer {
      throw Diagnostic(
        .usage, "a probe of kind '\(kind)' reads no layer by which models could be in trees",
        remedy: "take another kind, or leave out --per-tree")
    }
    if layers.align != nil, method.description.subject != .layer {
      throw Diagnostic(
        .usage, "a probe of kind '\(kind)' reads what does not depend on the order of units",
        remedy: "take another kind, or leave out --align")
    }
    guard network.start == "random" || kind == "probex" && textEmbeddings == nil else {
      throw Diagnostic(
        .usage, "only probex without texts can begin as the dense map",
        remedy: "take probex, or leave out --start")
    }
    guard textEmbeddings == nil || ["probex", "mvprobe"].contains(kind) else {
      throw Diagnostic(
        .usage, "a probe of kind '\(kind)' compares models with no texts",
        remedy: "take probex or mvprobe, or leave out --text-embeddings")
    }
    var texts: TextEmbeddings?
    if let textEmbeddings { texts = try await TextEmbeddings.read(textEmbeddings) }
    let zoo = try ZooIndex.open(reading: index)
    let stop = Interruption.finishesWork()
    var options = ProbeRun.Options(target: target, method: method)
    options.task = task.flatMap(ProbeLabels.Task.init)
    options.layer = layer == "auto" ? nil : layer
    options.filter = filter
    options.folds = folds ?? 5
    options.split = split
    options.seeds = seeds
    options.grouping = ProbeGrouping.named(group)
    options.hasBaselines = !noBaselines
    options.hasExperts = perTree
    options.hasCurve = learningCurve
    options.convention = StatisticsConvention(rawValue: features) ?? .minmax
    options.settings = network.settings
    options.texts = texts
    options.wantsPlane = plane
    options.alignsToRoots = layers.align != nil
    if layers.compat != nil { options.convolutions = .probex }
    options.reading.jobs = workers.jobs
    options.reading.shouldStop = { stop.isRequested }
    if let limit = try memory.limit() { options.memory = limit }
    let progress = ProgressLine(quiet: shown.quiet)
    let found: ProbeRun.Result
    do {
      found = try await ProbeRun(zoo, options: options, progress: progress.handler).run()
    } catch {
      progress.finish()
      throw error
    }
    progress.finish()
    try found.file?.write(to: output, overwrites: force)
    var result = ProbeTrainResult(
      self, found, seconds: Date().timeIntervalSince(begun))
    let written = try plot.map { plot in
      try ProbeFigures.write(
        target: target, classes: result.classes, confusion: result.confusion,
        calibration: result.calibration, to: plot, overwrites: force)
    }
    do { try found.splits.write(to: index) } catch let error as Diagnostic {
      result.split.stored = false
      result.warnings.append("the folds are not kept in the index: \(error.description)")
    }
    shown.warn(result.warnings)
    if shown.json { return try ResultPrinter.printJSON(result) }
    Terminal.print(result.text)
    for path in written ?? [] { Terminal.print("written: \(path.escapingControlCharacters)") }
  }
}

/// How users say which models stay together.
enum ProbeGrouping {
  static func named(_ name: String) -> ProbeModels.Grouping {
    switch name {
    case "none": .none
    case "lineage": .lineage
    case "tree": .tree
    default: .column(name)
    }
  }
}
