import ArgumentParser
import LinearAlgebra
import Probes
import Support
import WeightFiles
import Workbench
import ZooIndex

/// `wsl probe evaluate`: how good a probe is on the models of an index.
struct ProbeEvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Tell how good a probe is on the models of an index.",
    discussion: """
      Models that the probe learned from, or was chosen by, are left out unless they are asked for. \
      Examples:
        wsl probe evaluate classes.h5 other-zoo.sqlite --json
        wsl probe evaluate classes.h5 other-zoo.sqlite --plot confusion.svg
      """)

  @Argument(help: "The probe.", completion: .file())
  var probe: String

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(help: "The column of what is right, where it is another one than the probe learned.")
  var target: String?

  @Option(name: .customLong("where"), help: "Take the models for which this SQL expression holds.")
  var filter: String?

  @Flag(help: "Take the models that the probe learned from, too.")
  var includeTraining = false

  @Option(
    help: ArgumentHelp(
      """
      Draw what the probe takes for what, and beside it, in -reliability, how often it is right when it is \
      how sure: SVG pictures, and their numbers as CSV and Vega-Lite.
      """, valueName: "file"), completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Replace files of --plot where they exist.")
  var force = false

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func run() async throws {
    for path in plot.map(ProbeFigures.paths) ?? [] {
      try FigureFiles.check(path, inputs: [probe, index], overwrites: force)
    }
    let limit = try memory.limit()
    let file = try await ProbeFile.read(probe)
    let zoo = try ZooIndex.open(reading: index)
    let column = target ?? file.manifest.target
    var models = try ProbeModels(zoo, target: column, where: filter, grouping: .lineage)
    if !includeTraining {
      let seen = Set(file.manifest.training.files + file.manifest.training.validationFiles)
      models.remove(
        Dictionary(
          uniqueKeysWithValues: models.files.indices.filter { seen.contains(models.files[$0]) }
            .map { ($0, "the probe learned from it") }))
    }
    let progress = ProgressLine(quiet: shown.quiet)
    var options = ZooReading.Options()
    options.jobs = workers.jobs
    if let limit { options.budget = MemoryBudget(byteCount: limit) }
    let outcomes = try await ProbeReading.of(file, at: probe).outcomes(
      of: models.ids, in: zoo, options: options, progress: progress.handler)
    progress.finish()
    var reasons: [Int: String] = [:]
    for (place, outcome) in outcomes.enumerated() {
      if case .failure(let error) = outcome { reasons[place] = error.description }
    }
    models.remove(reasons)
    let found = outcomes.compactMap { try? $0.get() }
    guard !found.isEmpty else {
      let first = models.skipped.first.map { ": \($0.file): \($0.reason)" } ?? ""
      throw Diagnostic(
        .badData, "no model is left to judge the probe on\(first)", at: [index],
        remedy: "take other models; --include-training takes those that it learned from")
    }
    let task = ProbeLabels.Task(rawValue: file.manifest.task)
    let labels = try ProbeLabels(
      models.cells, column: column, asked: task,
      known: task == .regression ? [] : file.manifest.classes)
    let scores = Matrix<Double>(
      rows: found.count, columns: file.probe.outputCount, values: found.flatMap(\.scores))
    let judged = file.judgement(scores, labels.targets, groups: models.groups)
    let trees = try KnownTrees(
      zoo, learned: file.manifest.training.files + file.manifest.training.validationFiles)
    let rejection = trees.rejection(models.files, found).map { curve in
      ProbeEvaluateResult.Rejection(
        curve, nearest: trees.rejection(models.files, found) { $0.oneClass?.nearest },
        mahalanobis: trees.rejection(models.files, found) { $0.oneClass?.mahalanobis })
    }
    let result = ProbeEvaluateResult(
      probe: probe, index: index, target: column, file: file, models: models, labels: labels,
      figure: judged.figure, confusion: judged.confusion, calibration: judged.calibration,
      unknown: found.count { $0.isKnown == false }, rejection: rejection)
    shown.warn(result.warnings)
    let written = try plot.map { plot in
      try ProbeFigures.write(
        target: column, classes: result.classes, confusion: result.confusion,
        calibration: result.calibration, to: plot, overwrites: force)
    }
    if shown.json { return try ResultPrinter.printJSON(result) }
    Terminal.print(result.text)
    for path in written ?? [] { Terminal.print("written: \(path.escapingControlCharacters)") }
  }
}
