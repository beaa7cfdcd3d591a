import Archives
import ArgumentParser
import Connectivity
import Matching
import ModelGraph
import Networks
import Support
import WeightFiles
import Workbench

/// `wsl match`: line up the hidden units of one network with those of another, or of several with
/// those of the first.
struct MatchCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "match",
    abstract: "Permute B's hidden units to line up with A's.",
    discussion: """
      The permuted network computes the same function as B. The output is a copy of B's file in \
      which only the permuted tensors changed. Of networks with heads of another size the bodies are \
      matched, which is said. Examples:
        wsl match a.h5 b.h5
        wsl match a.h5 b.h5 -o b-matched.h5 --restarts 8
        wsl match a.h5 b.h5 --save-permutation perm.json
        wsl match a.h5 b.h5 --method activations --scale-units --data mnist.h5 \\
          -o b-matched.h5
        wsl match a.keras b.keras --method activations --data mnist.h5 --json
        wsl match gpt-a gpt-b --symmetries orthogonal -o gpt-b-matched
        wsl match a.h5 b.h5 c.h5 d.h5 --reference mean -o matched
        wsl match a.h5 b.h5 c.h5 d.h5 --reference universe --json
      """)

  /// What several networks are lined up with.
  enum Reference: String, ExpressibleByArgument, CaseIterable {
    case first = "A"
    case mean
    case universe

    /// The reference that is none of the networks; nil for A.
    var common: Matcher.CommonReference? {
      switch self {
      case .first: nil
      case .mean: .mean
      case .universe: .universe
      }
    }
  }

  @Argument(help: "The network that stays as it is.", completion: .file())
  var a: String

  @Argument(help: "The networks whose units are permuted.", completion: .file())
  var others: [String]

  @Option(
    name: [.short, .long],
    help: "Write the permuted B to this file; of several networks, into this folder.",
    completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp(
      "What several networks are lined up with: A, their mean, or a universe of their own.",
      valueName: "A|mean|universe"))
  var reference: Reference = .first

  @Option(
    help: ArgumentHelp("Write the permutation to this JSON file.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var savePermutation: String?

  @Option(
    help: ArgumentHelp("Start the search from this permutation file.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var start: String?

  @Option(help: "Data for the methods that need them: digits, an HDF5 or .npz file, or a folder.")
  var data: String?

  @OptionGroup(title: "The data") var normalizing: NormalizationOptions

  @Option(help: "Use only so many examples, the first ones.")
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      """
      Draw where units go, and beside it, in -before and -after, the cosines of all pairs of units: SVG \
      pictures, and their numbers as CSV and Vega-Lite.
      """, valueName: "file"), completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Replace outputs where they exist.")
  var force = false

  @OptionGroup(title: "Matching") var matchingMethod: MatchingMethodOptions
  @OptionGroup(title: "Matching") var matchingOptions: MatchingOptions
  @OptionGroup(title: "Scales of units") var scaling: ScaleOptions
  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  /// How networks are matched.
  var matching: MatchingOptions { matchingOptions.by(matchingMethod.method) }

  var interruption: Interruption.Outcome {
    let isSeveral = output != nil && (others.count > 1 || savePermutation != nil)
    return isSeveral ? .someFiles : .nothing
  }

  mutating func validate() throws {
    try normalizing.check(data: data)
    (a, others) = (part.path(a), others.map(part.path))
    if others.isEmpty { throw ValidationError("Two networks are needed.") }
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
    if others.count > 1, savePermutation != nil || start != nil {
      throw ValidationError("--save-permutation and --start are for two networks.")
    }
    if plot != nil, others.count > 1 { throw ValidationError("--plot is for two networks.") }
    if plot != nil, matching.symmetries != .permutation {
      throw ValidationError(
        "--plot draws permutations: it goes with --symmetries permutation only.")
    }
    if others.count > 1, scaling.scaleUnits {
      throw ValidationError("--scale-units is for two networks.")
    }
    if reference != .first, others.count < 2 {
      throw ValidationError("--reference \(reference.rawValue) is for three networks and more.")
    }
    if matching.symmetries != .permutation {
      try matching.checkSymmetries()
      if start != nil || scaling.scaleUnits || reference != .first {
        throw ValidationError(
          "--start, --scale-units and --reference go with --symmetries permutation only.")
      }
    }
    if reference != .first, matching.method != .weights {
      throw ValidationError("--reference \(reference.rawValue) goes with --method weights.")
    }
  }

  func run() async throws {
    if others.count > 1 { return try await runSeveral() }
    let b = others[0]
    let output = output.map { OutputPath.file($0, namedLike: b) }
    let inputs = [a, b] + [start].compactMap { $0 }
    if let output {
      try await OutputPath.check(output, copyOfModelAt: b, inputs: inputs, overwrites: force)
    }
    if let savePermutation {
      try OutputPath.check(savePermutation, inputs: inputs, overwrites: force)
    }
    for path in plot.map(MatchFigure.paths) ?? [] {
      try FigureFiles.check(path, inputs: inputs, overwrites: force)
    }
    let document = try start.map(PermutationFile.read)
    var pair = try await LoadedPair.load(
      a, b, statement: matching.statement, jobs: workers.jobs,
      maxMemory: matching.share(ofMemory: try memory.limit()), acceptsHeads: true)
    if let telling = try await matching.tellingExamples(from: try normalizing.reference(data)) {
      pair = try pair.toldApart(by: telling, statement: matching.statement, jobs: workers.jobs)
    }
    if let output { try OutputPath.checkEnding(output, copyOf: pair.fileB.catalog) }
    if scaling.scaleUnits || matching.method == .straightThrough { try pair.requireWhole() }
    let initial: [[Int]]?
    do {
      initial = try document.map { try pair.permutations(of: $0) }
    } catch let error as Diagnostic {
      throw error.inside(start ?? "")
    }
    let examples = try await matching.examples(
      from: try normalizing.reference(data), limit: limit)
    let progress = ProgressLine(quiet: shown.quiet)
    let (found, vectors) = try matching.matchMeasured(
      pair, examples: examples, initial: initial, jobs: workers.jobs, progress: progress.handler)
    let scaled =
      scaling.scaleUnits
      ? try await ScaledPair.search(
        pair, found.permutations, scaling.search(seed: matching.seed),
        data: try normalizing.reference(data), limit: limit, progress: progress.handler) : nil
    progress.finish()
    var result = try MatchResult(
      pair, found: found, known: vectors, method: matching.method.rawValue, seed: matching.seed,
      jobs: workers.jobs)
    result.normalization = try normalizing.record()
    result.warnings += normalizing.warnings(
      about: a, pair.graph, pair.weightsA, on: examples, jobs: workers.jobs)
    if matching.method == .straightThrough, let examples {
      // It was trained on them, so that it can be compiled.
      let loss = try LossGradient(graph: pair.graph, dataset: examples, batchSizes: [1])
      result.warnings += examples.notes + [loss.objective.statement].compactMap { $0 }
    }
    result.scaling = scaled.map { ScalingRow($0) }
    let scales = scaled.map { ScaledPair.renamed($0.scales, pair) }
    if let output, let scales {
      try await ScaledFile.write(
        pair.fileB, found.permutations, of: pair.pair.groupsB, factors: scales.factors,
        of: scales.groups, to: output, overwrites: force)
    } else if let output {
      try await write(pair, found, to: output)
    }
    if let savePermutation {
      var document = try pair.document(
        found, method: matching.method.rawValue, seed: matching.seed)
      if let scales { document.save(scales) }
      try AtomicFile.write(document.encoded(), to: savePermutation, overwrites: force)
    }
    let drawn =
      try plot.map { plot in
        try MatchFigure.write(pair, found, to: plot, overwrites: force)
      } ?? []
    shown.warn(result.warnings)
    if try ResultPrinter.show(result, as: shown, result.text) {
      for path in [output, savePermutation].compactMap({ $0 }) + drawn {
        Terminal.print("written: \(path.escapingControlCharacters)")
      }
    }
  }
}
