import ArgumentParser
import Catalogs
import Connectivity
import Matching
import ModelGraph
import Networks
import Reports
import Support
import WeightFiles
import Workbench

/// `wsl connect`: the loss along paths between networks.
struct ConnectCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Measure the loss on paths between networks: lines and trained curves.",
    discussion: """
      With --match the line to the permuted B is measured too, and with --repair every path \
      once more with the networks on it repaired. Of three and more networks all pairs are \
      measured, and the mean of all. Examples:
        wsl connect a.h5 b.h5 --data digits --match
        wsl connect a.h5 b.h5 --data mnist.h5 --split both --points 11 --json
        wsl connect a.h5 b.h5 --data mnist.h5 --match --repair reset
        wsl connect a.h5 b.h5 c.h5 --data fashion-mnist/ --match --plot path.svg
        wsl connect a.h5 b.h5 --data digits --path bezier
        wsl connect a.h5 b.h5 --data mnist.h5 --match --scale-units --repair reset
        wsl connect a.h5 b.h5 --match --evaluator "python3 evaluate.py"
      """)

  /// The kinds of paths.
  enum PathKind: String, ExpressibleByArgument, CaseIterable {
    case linear, bezier
  }

  /// At which temperatures losses are measured.
  enum Temperature: String, ExpressibleByArgument, CaseIterable {
    case one = "1"
    case best
  }

  @Argument(help: "The networks; the first is at t = 0.", completion: .file())
  var models: [String]

  @Option(help: "How many places of a path are measured, both ends included.")
  var points = 25

  @Option(help: "linear, or bezier: also train a curve that bends around the barrier.")
  var path: PathKind = .linear

  @Option(
    help: """
      1, or best: measure every place also with its outputs divided by the number that makes the loss \
      smallest.
      """)
  var temperature: Temperature = .one

  @Flag(help: "Measure also after the units are lined up with those of the first network.")
  var match = false

  @Flag(
    inversion: .prefixedNo,
    help: "Measure also singular vectors, their values, and Taylor's estimate of the barrier.")
  var measures = true

  @Flag(help: "Of networks of many layers, show what was measured of each.")
  var details = false

  @Option(
    help: "Draw the paths into this SVG file; further figures, .csv and .vl.json go beside it.",
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Replace the pictures where they exist.")
  var force = false

  @OptionGroup(title: "The data") var evaluation: EvaluationOptions
  @OptionGroup(title: "Repair") var repairing: RepairOptions
  @OptionGroup(title: "Bézier curves") var curve: BezierOptions
  @OptionGroup(title: "Scales of units") var scaling: ScaleOptions
  @OptionGroup(title: "Matching") var matchingMethod: MatchingMethodOptions
  @OptionGroup(title: "Matching") var matchingOptions: MatchingOptions
  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  /// How networks are matched.
  var matching: MatchingOptions { matchingOptions.by(matchingMethod.method) }

  var interruption: Interruption.Outcome { plot == nil ? .nothing : .someFiles }

  mutating func validate() throws {
    models = models.map(part.path)
    try matching.checkSymmetries()
    if models.count < 2 { throw ValidationError("A path needs two networks: wsl connect A B.") }
    if points < 2 { throw ValidationError("--points takes a number from 2 up.") }
  }

  func run() async throws {
    if let plot {
      for path in [plot] + figureParts.map({ FigureFiles.path(plot, part: $0) }) {
        try FigureFiles.check(
          path, inputs: models + [evaluation.data].compactMap { $0 }, overwrites: force)
      }
    }
    let progress = ProgressLine(quiet: shown.quiet)
    let loaded = try await matching.load(
      models, isMatched: match, data: try evaluation.reference(), jobs: workers.jobs,
      maxMemory: try memory.limit(), progress: progress.handler)
    try loaded.requireCommonGroups()
    // Of weights that are no numbers there are no singular values.
    let isBroken = !loaded.brokenElements.isEmpty
    let judge = try await evaluation.judge(
      graph: loaded.graph, file: loaded.models[0].file, jobs: workers.jobs)
    let study = PairStudy(
      models: loaded, judge: judge, pointCount: points,
      repair: try await repairing.prepare(
        for: loaded.graph, data: try evaluation.reference(), seed: matching.seed, jobs: workers.jobs
      ),
      curve: path == .bezier
        ? (curve.training(seed: matching.seed), try await evaluation.trainingData(for: "a curve"))
        : nil,
      scaling: scaling.scaleUnits
        ? (
          scaling.search(seed: matching.seed),
          try await evaluation.trainingData(for: "--scale-units")
        ) : nil,
      measuring: measures && !isBroken
        ? PairMeasuring(
          graph: loaded.graph, examples: try await evaluation.inputs(), jobs: workers.jobs) : nil,
      isTempered: temperature == .best, progress: progress.handler)
    var result = try await PairStudyResult(
      study, method: match ? matching.method.rawValue : nil, data: evaluation.dataName,
      warnings: loaded.assumptions.map(\.warning))
    if match, matching.symmetries != .permutation {
      result.symmetries = matching.symmetries.rawValue
    }
    result.normalization = try evaluation.normalizing.record()
    let examples = try await evaluation.inputs()
    for model in loaded.models {
      result.warnings += evaluation.normalizing.warnings(
        about: model.file.catalog.file, loaded.graph, model.weights, on: examples,
        jobs: workers.jobs)
    }
    if measures, isBroken {
      result.warnings.append("the weights themselves are not compared: not all are finite numbers")
    }
    progress.finish()
    if let plot { try draw(result, to: plot) }
    shown.warn(result.warnings)
    if try ResultPrinter.show(result, as: shown, result.text(isBrief: !details)) {
      if let plot { Terminal.print("picture: \(plot.escapingControlCharacters)") }
    }
  }

  /// The figures beside that of the paths.
  private var figureParts: [String] { measures ? ["alignment", "spectra"] : [] }

  private func draw(_ result: PairStudyResult, to plot: String) throws {
    try FigureFiles.write(result.chart, to: plot, overwrites: force)
    if let chart = result.alignmentChart {
      try FigureFiles.write(
        chart, to: FigureFiles.path(plot, part: "alignment"), overwrites: force)
    }
    if let chart = result.spectraChart {
      try FigureFiles.write(chart, to: FigureFiles.path(plot, part: "spectra"), overwrites: force)
    }
  }
}
