import ArgumentParser
import Datasets
import Networks
import Phases
import Reports
import Workbench
import Support
import ZooIndex

/// `wsl zoo multiplicity`: how far good models differ on single examples.
struct ZooMultiplicityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "multiplicity",
    abstract: "Tell how far the models of an index that are about equally good differ.",
    discussion: """
      Over the models whose accuracy on the data is at most --within below the best: the ambiguity \
      (the share of examples of which some model says another class than the best), the discrepancy \
      (the most that one model differs from the best), the disagreement (of two models, on average), \
      and per example how far the probabilities vary. Example:
        wsl zoo multiplicity zoo.sqlite --data digits --within 0.01 --json
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(help: "The data: digits, a file (HDF5, .npz, .csv) or a folder (images, CIFAR, IDX).")
  var data: String

  @OptionGroup(title: "The data") var normalizing: NormalizationOptions

  @Option(help: "How far below the best accuracy a model may be, as a share.")
  var within = 0.01

  @Option(help: "Which part of the data: train or test.")
  var split: EvaluateCommand.SplitChoice = .test

  @Option(help: "Use only so many examples, the first ones.")
  var limit: Int?

  @Option(name: .customLong("where"), help: "Take the models for which this SQL expression holds.")
  var filter: String?

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
    if !(0...1).contains(within) { throw ValidationError("--within takes a share from 0 to 1.") }
  }

  func run() async throws {
    let zoo = try ZooIndex.open(reading: index)
    var examples = try await normalizing.reference(data).load(
      split: split == .train ? .train : .test)
    if let limit { examples = examples.prefix(limit) }
    let stop = Interruption.finishesWork()
    let progress = ProgressLine(quiet: shown.quiet)
    let found: ZooMultiplicity
    do {
      var options = ZooMultiplicity.Options()
      (options.within, options.filter, options.jobs) = (within, filter, workers.jobs)
      options.shouldStop = { stop.isRequested }
      found = try await ZooMultiplicity(
        zoo, data: examples, options: options, progress: progress.handler)
    } catch {
      progress.finish()
      throw error
    }
    progress.finish()
    let result = ZooMultiplicityResult(
      index: index, data: data, split: split.rawValue, within: within, found: found)
    shown.warn(result.warnings)
    try ResultPrinter.show(result, as: shown, result.text)
    if !found.skipped.isEmpty { throw ExitCode(3) }
  }
}
