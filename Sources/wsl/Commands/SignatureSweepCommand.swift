import ArgumentParser
import Datasets
import Foundation
import ModelGraph
import Networks
import Signatures
import Support
import WeightFiles
import Workbench

/// `wsl signature sweep`: what a signature does to a network, over strengths and numbers of layers.
struct SignatureSweepCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Measure a patch over strengths α and numbers of layers K.",
    discussion: """
      Patches the network in memory with the first K layers of the signature, α times, and measures \
      its accuracy on clean images and on images with the signature's corruption. Examples:
        wsl signature sweep standard.h5 --rws fog.rws.h5 --data digits \\
          --plot sweep.svg
        wsl signature sweep standard.h5 --rws noise.rws.h5 --data digits \\
          --corruption gaussian-noise --strength 0.45 --alphas 0,0.5,1 --layers 1-4
      """)

  @Argument(help: "The network.", completion: .file())
  var model: String

  @Option(help: "The signature file; of all layers, to see all of them.", completion: .file())
  var rws: String

  @Option(help: "The data: digits, a file (HDF5, .npz, .csv) or a folder (images, CIFAR, IDX).")
  var data: String

  @OptionGroup(title: "The data") var normalizing: NormalizationOptions

  @Option(help: "Which part of the data: train or test.")
  var split: EvaluateCommand.SplitChoice = .test

  @Option(help: "Use only so many examples, the first ones.")
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "The corruption (default: the signature's).", valueName: "type[:severity]"))
  var corruption: String?

  @Option(help: "The first constant of the corruption instead of its severity, in its own unit.")
  var strength: Double?

  @Option(help: "The strengths, separated by commas.")
  var alphas = "0,0.25,0.5,0.75,1,1.25,1.5,2"

  @Option(help: "The numbers of layers: 3, 1-4 or 1,2,4 (default: all that the signature has).")
  var layers: String?

  @Option(help: "Draw the sweep here (SVG, with CSV and Vega-Lite beside it).")
  var plot: String?

  @OptionGroup(title: "The network") var stated: GraphOptions

  @Flag(help: "Replace the outputs where they exist.")
  var force = false

  @OptionGroup(title: "Corruptions") var corrupting: CorruptionOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  var interruption: Interruption.Outcome { plot == nil ? .nothing : .someFiles }

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
  }

  func run() async throws {
    if let plot { try FigureFiles.check(plot, inputs: [model, rws], overwrites: force) }
    let strengths = try SignatureSweepCommand.strengths(alphas)
    let signature = try await Signature.read(rws)
    let chosen = try CorruptionOptions.corruption(
      corruption, of: signature, strength: strength, scale: corrupting.scale)
    let loaded = try await LoadedModel.load(
      model, statement: stated.statement, jobs: workers.jobs, maxMemory: try memory.limit())
    var examples = try await normalizing.reference(data).load(
      split: split == .train ? .train : .test)
    if let limit { examples = examples.prefix(limit) }
    try examples.requireClasses()
    let sweep = try SignatureSweep(
      model: loaded, signature: signature, statement: stated.statement, data: examples,
      corruption: chosen,
      seed: corrupting.seed, jobs: workers.jobs)
    let counts = try SignatureSweepCommand.counts(layers, through: sweep.layerCount)
    let progress = ProgressLine(quiet: shown.quiet)
    let scores = try sweep.scores(
      layers: counts, alphas: strengths, progress: progress.handler)
    progress.finish()
    var result = SignatureSweepResult(
      sweep, model: model, signature: signature.name, data: data, split: split.rawValue,
      seed: corrupting.seed, layers: counts, alphas: strengths, scores: scores)
    result.normalization = try normalizing.record()
    shown.warn(
      loaded.graph.assumptions.map { "\(model): \($0.warning)" }
        + normalizing.warnings(
          about: model, loaded.graph, loaded.weights, on: examples, jobs: workers.jobs)
        + [loaded.brokenElement?.warning].compactMap { $0 })
    if let plot { try FigureFiles.write(result.chart, to: plot, overwrites: force) }
    try ResultPrinter.show(result, as: shown, result.text)
  }

  /// Reads strengths separated by commas.
  private static func strengths(_ list: String) throws -> [Double] {
    try list.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let number = Double(word.trimmingCharacters(in: .whitespaces)), number.isFinite,
        abs(number) <= 1e6
      else {
        throw Diagnostic(
          .usage, "'\(word)' is no strength", remedy: "give numbers: --alphas 0,0.5,1")
      }
      return number
    }
  }

  /// Reads `3`, `1-4` or `1,2,4`.
  private static func counts(_ list: String?, through last: Int) throws -> [Int] {
    guard let list else { return Array(1...last) }
    var counts: Set<Int> = []
    for word in list.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let end = ends[ends.count - 1],
        (1...last).contains(first), (first...last).contains(end)
      else {
        throw Diagnostic(
          .usage, "'\(list)' are no numbers of layers",
          remedy: "the signature has \(last): give 1-\(last), or some of them")
      }
      counts.formUnion(first...end)
    }
    return counts.sorted()
  }
}
