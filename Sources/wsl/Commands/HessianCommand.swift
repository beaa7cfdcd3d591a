public import ArgumentParser
public import Curvature
import Datasets
import ModelGraph
public import Networks
import Workbench
import Synchronization
import Support

/// `wsl hessian`: the second derivatives of a network's loss.
struct HessianCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "hessian",
    abstract: "Measure the second derivatives of a network's loss: eigenvalues, trace, density.",
    discussion: """
      Products with the Hessian are exact; the largest eigenvalues have residual bounds, the trace and \
      the density standard errors. Layers behave as when the network is run. Examples:
        wsl hessian model.h5 --data digits --split train
        wsl hessian model.pt --graph net.yaml --data cifar/ --limit 2000 --top 10 --json
        wsl hessian model.h5 --data digits --tensor head/kernel --plot density.svg
      """)

  @Argument(help: "The network.", completion: .file())
  var model: String

  @OptionGroup(title: "The data") var examples: ExampleOptions

  @Option(help: "How many of the largest eigenvalues.")
  var top = 5

  @Option(
    help: ArgumentHelp(
      "Only the derivatives by this tensor; may be repeated (default: all that are trained).",
      valueName: "name"))
  var tensor: [String] = []

  @Option(
    help: """
      What batch normalisation normalises by: running, the statistics of the file, or batch, those of \
      each batch as in training.
      """)
  var statistics: LossHessian.Normalization = .running

  @Option(help: "How many examples are computed at once; it matters with --statistics batch only.")
  var batchSize = 256

  @Option(help: "How the trace is estimated: hutch++ or hutchinson.")
  var trace: TraceEstimate.Method = .hutchPlusPlus

  @Option(
    help: """
      The standard error, relative to the trace, at which its estimate stops; it stops after \
      --products in any case.
      """)
  var tolerance = 0.02

  @Option(help: "How many products the trace may take.")
  var products = 100

  @Flag(inversion: .prefixedNo, help: "Measure the density of the eigenvalues, too.")
  var density = true

  @Option(help: "The seed of all random vectors.")
  var seed: UInt64 = 0

  @Option(
    help: "Draw the density: an SVG picture, and its numbers as CSV and Vega-Lite.",
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Replace files that are there.")
  var force = false

  @OptionGroup(title: "The network") var stated: GraphOptions
  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  var interruption: Interruption.Outcome { plot == nil ? .nothing : .someFiles }

  mutating func validate() throws {
    model = part.path(model)
    if !(1...1000).contains(top) { throw ValidationError("--top takes a number from 1 to 1000.") }
    if batchSize < 1 { throw ValidationError("--batch-size takes a number from 1 up.") }
    if products < 10 { throw ValidationError("--products takes a number from 10 up.") }
    if !(tolerance > 0 && tolerance < 1) {
      throw ValidationError("--tolerance takes a number between 0 and 1.")
    }
    if trace == .exact {
      throw ValidationError("--trace takes hutch++ or hutchinson; small networks get it exactly.")
    }
    if plot != nil, !density { throw ValidationError("--plot draws the density.") }
  }

  private var options: HessianOptions {
    var options = HessianOptions()
    options.top = top
    options.trace = trace
    options.traceTolerance = tolerance
    options.traceProducts = products
    options.densityVectors = density ? 4 : 0
    options.seed = seed
    return options
  }

  func run() async throws {
    if let plot {
      try FigureFiles.check(plot, inputs: [model, examples.data], overwrites: force)
    }
    let loaded = try await LoadedModel.load(
      model, statement: stated.statement, jobs: workers.jobs)
    let line = ProgressLine(quiet: shown.quiet)
    defer { line.finish() }
    var result = HessianResult(file: model, data: examples.data, seed: seed)
    result.warnings = loaded.graph.assumptions.map { "\(model): \($0.warning)" }
    for split in examples.split.splits {
      let data = try await examples.load(split, for: loaded)
      let measures: HessianMeasures
      let hessian: LossHessian
      do {
        hessian = try LossHessian(
          graph: loaded.graph, weights: loaded.weights, dataset: data,
          tensors: tensor.isEmpty ? nil : Set(tensor), normalization: statistics,
          batchSize: batchSize, jobs: workers.jobs)
        let count = Mutex(0)
        let handler = line.handler
        measures = try HessianMeasures(
          of: ObservedOperator(hessian) {
            let done = count.withLock { count in
              count += 1
              return count
            }
            handler(
              ProgressUpdate("products on \(split.rawValue)", completed: done, total: done + 1))
          }, options: options)
      } catch let error as Diagnostic { throw error.inside(model) }
      if let statement = hessian.objective.statement {
        result.warnings.append("\(model): \(statement)")
      }
      result.add(measures, of: hessian, split: split.rawValue, statistics: statistics)
      result.warnings += examples.warnings(about: loaded, on: data, jobs: workers.jobs)
    }
    result.normalization = try examples.normalizing.record()
    line.finish()
    if let plot { try HessianFigure.write(result, to: plot, overwrites: force) }
    shown.warn(result.warnings)
    try ResultPrinter.show(result, as: shown, result.text)
  }
}

extension LossHessian.Normalization: ExpressibleByArgument {}
extension TraceEstimate.Method: ExpressibleByArgument {}
