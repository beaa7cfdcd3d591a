import ArgumentParser
import Connectivity
import Matching
import ModelGraph
import Networks
import Reports
import WeightFiles
import WorkbenchCore

/// `wsl connect`: the loss along the straight line between two networks.
struct ConnectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Measure the loss on the straight line between two networks.",
    discussion: """
      With --match the line to the permuted B is measured too, and with --repair every line \
      once more with the networks on it repaired. Examples:
        wsl connect a.h5 b.h5 --data digits --match
        wsl connect a.h5 b.h5 --data mnist.h5 --split train --points 11 --json
        wsl connect a.h5 b.h5 --data mnist.h5 --match --repair reset
        wsl connect a.h5 b.h5 --data fashion-mnist/ --match --plot path.svg
      """)

  @Argument(help: "The network at t = 0.", completion: .file())
  var a: String

  @Argument(help: "The network at t = 1.", completion: .file())
  var b: String

  @Option(help: "The data: digits, an HDF5 or .npz file, or a folder of IDX files.")
  var data: String

  @Option(help: "Which part of the data: train or test.")
  var split: DataSource.Split = .test

  @Option(help: "How many places of the line are measured, both ends included.")
  var points = 25

  @Option(help: "Use only so many examples, the first ones.")
  var limit: Int?

  @Flag(help: "Measure also after B's units are lined up with A's.")
  var match = false

  @Option(help: "Draw the paths into this SVG file.", completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Replace the picture where it exists.")
  var force = false

  @OptionGroup var repairing: RepairOptions
  @OptionGroup var matching: MatchingOptions
  @OptionGroup var workers: JobOptions
  @OptionGroup var shown: OutputOptions

  func validate() throws {
    if points < 2 { throw ValidationError("--points takes a number from 2 up.") }
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
  }

  func run() async throws {
    if let plot { try OutputPath.check(plot, inputs: [a, b, data], overwrites: force) }
    let pair = try await LoadedPair.load(a, b, graphFile: matching.graph, jobs: workers.jobs)
    var examples = try await DataSource.load(data, split: split)
    if let limit { examples = examples.prefix(limit) }
    let repair = try await repairing.prepare(
      for: pair.graph, data: data, seed: matching.seed, jobs: workers.jobs)
    let progress = ProgressLine(quiet: shown.quiet)
    var ends = [("naive", pair.weightsB)]
    if match {
      let found = try matching.match(
        pair, examples: try await matching.examples(from: data, limit: nil), jobs: workers.jobs,
        progress: progress.handler)
      let groups = pair.pair.groupsA
      ends.append(("matched", Permuting.apply(found.permutations, of: groups, to: pair.weightsB)))
    }
    let evaluator = try Evaluator(graph: pair.graph, dataset: examples, jobs: workers.jobs)
    let curves = try ends.flatMap { name, end in
      try [nil, repair].prefix(repair == nil ? 1 : 2).map { repair in
        try LinearPath.measure(
          name, from: pair.weightsA, to: end, pointCount: points, repair: repair,
          progress: progress.handler
        ) { weights in
          let evaluation = try evaluator.evaluate(weights)
          return (evaluation.loss, evaluation.accuracy)
        }
      }
    }
    progress.finish()
    let result = ConnectResult(
      pair, data: data, split: split.rawValue, exampleCount: examples.count, curves: curves,
      repair: repair)
    if let plot {
      try AtomicFile.write(Array(result.chart.svg().utf8), to: plot, overwrites: force)
    }
    shown.warn(result.warnings)
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      Terminal.print(result.text)
      if let plot { Terminal.print("picture: \(plot.escapingControlCharacters)") }
    }
  }
}
