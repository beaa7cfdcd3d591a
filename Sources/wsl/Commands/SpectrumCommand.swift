import ArgumentParser
import Catalogs
import Foundation
import LinearAlgebra
import Spectra
import Support
import WeightFiles

/// `wsl spectrum`: the spectra of a model's layers.
struct SpectrumCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "spectrum",
    abstract: "Measure the spectra of a model's layers: power laws, norms, ranks, noise.",
    discussion: """
      A row a layer; what has none is listed with its reason. Exit code 3 where a layer or a file \
      could not be measured. Examples:
        wsl spectrum model.safetensors
        wsl spectrum model.h5 --compat weightwatcher --csv
        wsl spectrum before.pt after.pt --compare --angles 10
        wsl spectrum model.pt --bootstrap 200 --randomize --plot spectra.svg
        wsl spectrum llama --layers 'model.layers.*.mlp.*' --min-size 64
        wsl spectrum *.pt --compat weightwatcher --summary --csv
      A plot is five figures: densities, and beside them -ccdf (the tails with their laws), -distance \
      (D by threshold), -depth (alpha from the first layer to the last) and -values (singular values). \
      Of a comparison it is two: both models' tails, and -layers.
      """)

  /// Whose columns and conventions.
  enum Compatibility: String, ExpressibleByArgument, CaseIterable {
    /// WeightWatcher 0.7.7.
    case weightwatcher
  }

  @Argument(help: "Weight files.", completion: .file())
  var files: [String]

  @Option(help: "Columns and conventions of another tool, version 0.7.7 of it.")
  var compat: Compatibility?

  @Option(
    help: """
      A convolution as one matrix for every position of its window, taken together (slices), or as \
      one matrix (flattened).
      """)
  var conv: SpectralPlan.Convolutions = .slices

  @Flag(
    help: """
      A row for each head of attention where a kernel has an axis of heads (Keras, Flax), instead of \
      one for the whole projection.
      """)
  var byHead = false

  @Option(
    help: "f64, or f32: about twice as fast; no digits below a thousandth of the largest value.")
  var precision: SingularValues.Precision = .double

  @Flag(help: "Compare two models: both spectra, and that of the change.")
  var compare = false

  @Option(
    help: """
      With --compare: the angles between the spaces of this many leading singular vectors of a \
      layer and its partner; some times the work.
      """)
  var angles: Int?

  @Option(
    help: ArgumentHelp(
      """
      Take only layers whose name, type or tensor fits this pattern of * and ?; may be repeated.
      """, valueName: "pattern"))
  var layers: [String] = []

  @Option(help: "Take only layers whose matrices have a shorter side of at least this.")
  var minSize: Int?

  @Option(help: "Take only layers whose matrices have a shorter side of at most this.")
  var maxSize: Int?

  @Flag(
    help: """
      A row a file: the averages over its layers, with --compat those of WeightWatcher's get_summary.
      """)
  var summary = false

  @Flag(help: "Measure the shuffled weights as well: correlation traps, distances.")
  var randomize = false

  @Option(
    help: """
      Draw this many spectra for an interval of 95 % around alpha and the goodness of the fit \
      (100 is enough for tables).
      """)
  var bootstrap = 0

  @Flag(help: "Hill's exponent over square windows, which does not depend on a layer's shape.")
  var fixedAspect = false

  @Flag(help: "The localisation of singular vectors; some times the work.")
  var vectors = false

  @Option(help: "The seed of shuffles and of the bootstrap.")
  var seed: UInt64 = 0

  @Option(
    help: "Draw the spectra with their fits: an SVG picture, and its numbers as CSV and Vega-Lite.",
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Replace files that are there.")
  var force = false

  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var shown: SeveralOptions

  var interruption: Interruption.Outcome { plot == nil ? .nothing : .someFiles }

  mutating func validate() throws {
    files = files.map(part.path)
    if !(0...100_000).contains(bootstrap) {
      throw ValidationError("--bootstrap takes a number from 0 to 100000.")
    }
    if let angles {
      if !compare { throw ValidationError("--angles takes two models: give --compare.") }
      if angles < 1 { throw ValidationError("--angles takes a number from 1 on.") }
    }
    if compare {
      if files.count != 2 { throw ValidationError("--compare takes two files.") }
      if compat != nil { throw ValidationError("--compare has columns of its own, no --compat.") }
      if summary { throw ValidationError("--compare has no --summary.") }
      if shown.jsonLines { throw ValidationError("--compare is one document: use --json.") }
    }
    if compat != nil {
      if conv == .flattened || byHead || fixedAspect || vectors || bootstrap > 0 {
        throw ValidationError(
          """
          WeightWatcher takes slices and whole projections, and has no interval, no --fixed-aspect and no --vectors here: \
          leave them or --compat out.
          """)
      }
    }
    if let least = minSize, least < 0 {
      throw ValidationError("--min-size takes a number from 0 up.")
    }
    if (minSize ?? 0) > (maxSize ?? .max) || (maxSize ?? 0) < 0 {
      throw ValidationError("No layer has a side between --min-size and --max-size.")
    }
    if plot != nil, files.count != 1, !compare { throw ValidationError("--plot takes one file.") }
  }

  var options: SpectrumOptions {
    SpectrumOptions(
      convolutions: conv, precision: precision, replicates: bootstrap, shuffles: randomize,
      fixesAspect: fixedAspect, measuresVectors: vectors, angles: angles ?? 0, seed: seed,
      splitsHeads: byHead,
      selection: LayerSelection(patterns: layers, shortSides: (minSize ?? 0)...(maxSize ?? .max)))
  }

  func run() async throws {
    if let plot {
      for path in compare ? SpectrumComparisonFigure.paths(plot) : SpectrumFigure.paths(plot) {
        try FigureFiles.check(path, inputs: files, overwrites: force)
      }
    }
    let line = ProgressLine(quiet: shown.quiet)
    defer { line.finish() }
    let budget = try memory.limit().map(MemoryBudget.init(byteCount:))
    if compare { return try await runComparison(line, budget) }
    var results: [SpectrumResult] = []
    var failed = false
    var written: [String] = []
    for path in files {
      do {
        let file = try await WeightFile.open(path)
        let result = try result(file, line, budget, &written)
        if result.layers.isEmpty, !layers.isEmpty || minSize != nil || maxSize != nil {
          throw nothingFits(result).inside(path)
        }
        if shown.jsonLines { try ResultPrinter.printJSON(summary ? result.onlySummary : result) }
        results.append(result)
      } catch let error as Diagnostic where files.count > 1 && error.code != .interrupted {
        line.finish()
        failed = true
        Terminal.printError("error: \(error)")
        try shown.printLine(error, of: path)
      }
    }
    line.finish()
    for result in results { shown.warn(result.warnings) }
    try show(results, written)
    if failed || results.contains(where: { !$0.failed.isEmpty }) { throw ExitCode(3) }
  }

  private func result(
    _ file: WeightFile, _ line: ProgressLine, _ budget: MemoryBudget?, _ written: inout [String]
  ) throws -> SpectrumResult {
    if compat != nil {
      let details = try SpectrumAnalysis.weightWatcherDetails(
        file, options: options, jobs: workers.jobs, budget: budget, progress: line.handler)
      if let plot {
        let model = try SpectrumAnalysis.run(
          file, options: options, jobs: workers.jobs, budget: budget, progress: line.handler)
        written = try SpectrumFigure.write(
          model, of: file.catalog.file, to: plot, overwrites: force)
      }
      return SpectrumResult(details, of: file.catalog.file, seed: seed)
    }
    let model = try SpectrumAnalysis.run(
      file, options: options, jobs: workers.jobs, budget: budget, progress: line.handler)
    if let plot {
      written = try SpectrumFigure.write(model, of: file.catalog.file, to: plot, overwrites: force)
    }
    return SpectrumResult(model, of: file.catalog.file, seed: seed)
  }

  /// The error where no layer is one of those that were asked for.
  private func nothingFits(_ result: SpectrumResult) -> Diagnostic {
    let left = result.skipped.filter { LayerSelection.reasons.contains($0.reason) }
    let names = left.prefix(4).map(\.name)
    return Diagnostic(
      .usage, "no layer fits --layers, --min-size and --max-size",
      remedy: names.isEmpty ? nil : "it has \(names.joined(separator: ", "))")
  }

  private func show(_ results: [SpectrumResult], _ written: [String]) throws {
    let results = summary ? results.map(\.onlySummary) : results
    if shown.jsonLines { return }
    if shown.json {
      if files.count == 1, let only = results.first {
        try ResultPrinter.printJSON(only)
      } else {
        try ResultPrinter.printJSON(results)
      }
    } else if shown.csv {
      Terminal.print(
        summary
          ? SpectrumResult.summaryTable(results).csv
          : SpectrumResult.csv(results, withFile: files.count > 1))
    } else if summary {
      Terminal.print(SpectrumResult.summaryText(results))
    } else {
      Terminal.print(results.map { $0.text(withFile: files.count > 1) }.joined(separator: "\n\n"))
      for path in written { Terminal.print("written: \(path.escapingControlCharacters)") }
    }
  }

  private func runComparison(_ line: ProgressLine, _ budget: MemoryBudget?) async throws {
    let (first, second) = (
      try await WeightFile.open(files[0]), try await WeightFile.open(files[1])
    )
    let comparison = try SpectrumComparison(
      first, second, options: options, jobs: workers.jobs, budget: budget,
      progress: line.handler)
    line.finish()
    let result = SpectrumComparisonResult(comparison, files[0], files[1])
    shown.warn(result.warnings)
    var written: [String] = []
    if let plot {
      written = try SpectrumComparisonFigure.write(
        comparison, files[0], files[1], to: plot, overwrites: force)
    }
    if try ResultPrinter.show(result, as: shown.table, result.text) {
      for path in written { Terminal.print("written: \(path.escapingControlCharacters)") }
    }
    if !result.failed.isEmpty { throw ExitCode(3) }
  }
}
