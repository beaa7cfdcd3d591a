import ArgumentParser
import Foundation
import Phases
import Reports
import Workbench
import Support
import ZooIndex

/// `wsl zoo scaling`: scaling laws over the models of an index.
struct ZooScalingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling",
    abstract: "Fit a scaling law to the models of an index.",
    discussion: """
      L(N) = L + (N_c/N)^a of one column; with --x2 the sum of two powers, L + A/N^a + B/D^b; with \
      --law critical-batch the steps to a loss by the batch size, S_min (1 + B_crit/B). Fitted to \
      logarithms with Huber's loss from many starts; intervals by models drawn again; the largest \
      fifth of the sizes is held out to test it. Examples:
        wsl zoo scaling zoo.sqlite --x parameters --y test_loss
        wsl zoo scaling zoo.sqlite --x parameters --x2 examples --y test_loss --json
      """)

  enum Law: String, ExpressibleByArgument, CaseIterable {
    case power
    case criticalBatch = "critical-batch"
  }

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(help: "The column of the size.")
  var x: String

  @Option(help: "The column of a second size, such as the number of examples.")
  var x2: String?

  @Option(help: "The column of the result, above 0.")
  var y: String

  @Option(help: "The law: power or critical-batch.")
  var law: Law = .power

  @Option(name: .customLong("where"), help: "Take the models for which this SQL expression holds.")
  var filter: String?

  @Option(help: "Where Huber's loss turns straight, in logarithms.")
  var huber = 1e-3

  @Option(help: "The share of the sizes that is held out, the largest.")
  var holdOut = 0.2

  @Option(help: "How often the models are drawn again for intervals.")
  var draws = 200

  @Option(help: "The seed of the draws.")
  var seed: UInt64 = 0

  @Option(help: "Draw the fit as SVG, with its numbers beside it.", completion: .file())
  var plot: String?

  @Flag(help: "Replace the picture where it exists.")
  var force = false

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  func validate() throws {
    if !(huber > 0) { throw ValidationError("--huber takes a number above 0.") }
    if !(0..<1).contains(holdOut) { throw ValidationError("--hold-out takes a share below 1.") }
    if !(0...100_000).contains(draws) {
      throw ValidationError("--draws takes a number from 0 to 100000.")
    }
    if x2 != nil, law != .power { throw ValidationError("--x2 goes with --law power.") }
  }

  func run() throws {
    if let plot { try FigureFiles.check(plot, inputs: [index], overwrites: force) }
    let zoo = try ZooIndex.open(reading: index)
    var query = IndexQuery()
    let ends = try RunEnds(zoo, where: filter)
    query.filter = ends.filter
    query.columns = [x] + [x2].compactMap { $0 } + [y]
    let rows = try zoo.ask(query).rows.map { $0.map { $0.number ?? .nan } }
    var options = ScalingFit.Options()
    (options.delta, options.heldOut, options.draws, options.seed) = (huber, holdOut, draws, seed)
    options.jobs = workers.jobs
    let form: ScalingLaw = x2 != nil ? .twoPowers : law == .power ? .power : .criticalBatch
    let fit: ScalingFit
    do {
      fit = try ScalingFit(
        form, inputs: rows.map { Array($0.dropLast()) }, results: rows.map { $0.last ?? .nan },
        options: options)
    } catch let error as Diagnostic {
      throw error.inside(index)
    }
    if let plot {
      try FigureFiles.write(figure(fit, rows), to: plot, overwrites: force)
    }
    let result = ZooScalingResult(
      index: index, x: x, x2: x2, y: y, fit: fit, warnings: ends.warnings + fit.warnings)
    shown.warn(result.warnings)
    try ResultPrinter.show(result, as: shown, result.text)
  }

  private func figure(_ fit: ScalingFit, _ rows: [[Double]]) -> LineChart {
    var series = [
      LineChart.Series(
        name: "models", points: rows.map { LineChart.Point(x: $0[0], y: $0[$0.count - 1]) },
        style: .dots)
    ]
    let sizes = Set(rows.map { $0[0] }).filter { $0 > 0 && $0.isFinite }.sorted()
    if x2 == nil, let low = sizes.first, let high = sizes.last {
      series.append(
        LineChart.Series(
          name: "law",
          points: (0...60).map { step in
            let size = low * pow(high / low, Double(step) / 60)
            return LineChart.Point(x: size, y: fit.told([size]))
          }, style: .line))
    }
    if let heldOut = fit.heldOut {
      series.append(
        LineChart.Series(
          name: "told of held-out models",
          points: heldOut.points.map { LineChart.Point(x: $0.input, y: $0.told) }, style: .dots))
    }
    return LineChart(
      title: "\(y) by \(x)", subtitle: fit.law.formula,
      panels: [LineChart.Panel(title: y, xLabel: x, series: series, isLogarithmic: true)])
  }
}
