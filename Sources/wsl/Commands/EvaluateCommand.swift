import ArgumentParser
import Datasets
import Foundation
import ModelGraph
import Networks
import Support
import Tensors
import WeightFiles
import Workbench

/// `wsl evaluate`: accuracy on clean and on corrupted images.
struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure the accuracy of networks, on corrupted images too.",
    discussion: """
      The mean corruption error is the plain mean over kinds and severities, as it is reported for \
      CIFAR-10-C; with --mce-reference every kind's error is divided by the reference's first, as for \
      ImageNet-C. It is taken over the fifteen kinds of the benchmark where all were measured. \
      Examples:
        wsl evaluate a.h5 b.h5 --data mnist.h5
        wsl evaluate a.h5 patched.h5 --data digits --corruptions all
        wsl evaluate a.h5 --data mnist.h5 --corruptions mnist-c --scale mnist \\
          --severities 1,3,5
        wsl evaluate a.h5 --data digits --corruptions fog,frost \\
          --mce-reference standard.h5
      """)

  @Argument(help: "The networks.", completion: .file())
  var models: [String]

  @Option(help: "The data: digits, a file (HDF5, .npz, .csv) or a folder (images, CIFAR, IDX).")
  var data: String

  @OptionGroup(title: "The data") var normalizing: NormalizationOptions

  @Option(help: "Which part of the data: train or test.")
  var split: SplitChoice = .test

  @Option(help: "Use only so many examples, the first ones.")
  var limit: Int?

  @Option(
    help: """
      Corrupt the images, too: kinds separated by commas, or all (19), benchmark (15), mnist-c (15), \
      controls. `wsl data list` shows them.
      """)
  var corruptions: String?

  @Option(help: "How strongly: 3, 1-5 or 1,3,5 (default: 1-5).")
  var severities: String?

  @OptionGroup(title: "Corruptions") var corrupting: CorruptionOptions

  @Option(
    help: """
      Keep only these classes of the data, separated by commas (0,1,2 or 0-4) and numbered anew in this \
      order (default: those that the network's file names).
      """)
  var classes: String?

  @Option(
    help: "Divide each kind's error by this network's, for the mean corruption error.",
    completion: .file())
  var mceReference: String?

  @OptionGroup(title: "The network") var stated: GraphOptions

  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  /// The parts of a data set.
  enum SplitChoice: String, ExpressibleByArgument, CaseIterable {
    case train, test
  }

  mutating func validate() throws {
    models = models.map(part.path)
    mceReference = mceReference.map(part.path)
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
    if models.isEmpty { throw ValidationError("Missing expected argument '<models> ...'.") }
    if corruptions == nil, mceReference != nil || severities != nil {
      throw ValidationError("--severities and --mce-reference need --corruptions.")
    }
  }

  func run() async throws {
    let kinds = try corruptions.map(CorruptionOptions.kinds) ?? []
    let levels = try CorruptionOptions.severities(severities ?? "1-5")
    let chosen = try classes.map(Self.classes)
    var loaded: [LoadedModel] = []
    for path in models + [mceReference].compactMap({ $0 }) {
      let held = loaded.reduce(0) { $0 + $1.weights.byteCount }
      loaded.append(
        try await LoadedModel.load(
          path, statement: stated.statement, jobs: workers.jobs,
          maxMemory: try memory.limit().map { max(0, $0 - held) }))
    }
    var examples = try await normalizing.reference(data).load(
      split: split == .train ? .train : .test)
    if let limit { examples = examples.prefix(limit) }
    let progress = ProgressLine(quiet: shown.quiet)
    let study = RobustnessStudy(
      models: loaded, kinds: kinds, severities: levels, scale: corrupting.scale,
      seed: corrupting.seed, classes: chosen, jobs: workers.jobs)
    let findings = try study.findings(on: examples, progress: progress.handler)
    progress.finish()
    var warnings = loaded.prefix(models.count).flatMap { model in
      model.graph.assumptions.map { "\(model.path): \($0.warning)" }
    }
    warnings += loaded.compactMap { $0.brokenElement?.warning }
    warnings += examples.notes
    for (model, finding) in zip(loaded, findings) {
      if let statement = finding.objective.statement {
        warnings.append("\(model.path): \(statement)")
      }
    }
    if chosen == nil {
      for model in loaded {
        guard let own = model.classes, examples.classCount > own.count else { continue }
        warnings.append(
          "\(model.path): measured on the classes \(own.map(String.init).joined(separator: ", ")), "
            + "which its file names")
      }
    }
    for model in loaded.prefix(models.count) {
      let classes = chosen ?? model.classes.flatMap { $0.count < examples.classCount ? $0 : nil }
      let own = classes.flatMap { try? examples.keeping(classes: $0) }
      warnings += normalizing.warnings(
        about: model.path, model.graph, model.weights, on: own ?? examples, jobs: workers.jobs)
    }
    var result = EvaluateResult(
      study: study, data: data, split: split.rawValue,
      examples: try study.exampleCount(of: examples),
      findings: findings, hasReference: mceReference != nil, warnings: warnings)
    result.normalization = try normalizing.record()
    shown.warn(warnings)
    try ResultPrinter.show(result, as: shown, result.text)
  }

  private static func classes(_ list: String) throws -> [Int] {
    try list.split(separator: ",", omittingEmptySubsequences: false).flatMap { word in
      let ends = word.split(separator: "-", omittingEmptySubsequences: false).map {
        Int($0.trimmingCharacters(in: .whitespaces))
      }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first >= 0, first <= last, last < 1_000_000
      else {
        throw Diagnostic(
          .usage, "'\(word)' is no class", remedy: "give numbers from 0: --classes 0,1,2 or 0-4")
      }
      return Array(first...last)
    }
  }
}
