import ArgumentParser
import Datasets
import ModelGraph
import Networks
import Support
import WeightFiles
import Workbench

/// Where losses come from.
struct EvaluationOptions: ParsableArguments {
  /// The parts of a data set that are measured on.
  enum SplitChoice: String, ExpressibleByArgument, CaseIterable {
    case train, test, both

    var splits: [DataSource.Split] {
      switch self {
      case .train: [.train]
      case .test: [.test]
      case .both: [.test, .train]
      }
    }
  }

  @Option(help: "The data: digits, a file (HDF5, .npz, .csv) or a folder (images, CIFAR, IDX).")
  var data: String?

  @OptionGroup(title: "The data") var normalizing: NormalizationOptions

  @Option(help: "Which part of the data: train, test or both.")
  var split: SplitChoice = .test

  @Option(help: "Use only so many examples, the first ones.")
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "Ask this command for losses, for models that only your framework can run.",
      discussion: """
        It is started once and gets a line {"path": FILE, "split": "test"} for each model; it \
        answers with a line {"loss": 0.31, "accuracy": 0.92}.
        """, valueName: "command"))
  var evaluator: String?

  @Option(help: "How many seconds an answer of the evaluator may take.")
  var evaluatorTimeout: Double = 600

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
    if data == nil && evaluator == nil {
      throw ValidationError("Missing expected argument '--data <data>' (or --evaluator).")
    }
    try normalizing.check(data: data)
    if !(evaluatorTimeout > 0 && evaluatorTimeout <= 1e6) {
      throw ValidationError("--evaluator-timeout takes a number of seconds above 0.")
    }
  }

  /// What results call the data.
  var dataName: String { data ?? evaluator ?? "" }

  /// The data with their normalisation.
  func reference() throws -> DataReference? { try normalizing.reference(data) }

  /// What measures networks of a graph.
  func judge(graph: ModelGraph, file: WeightFile, jobs: Int?) async throws -> NetworkJudge {
    if let evaluator {
      return try NetworkJudge(
        command: evaluator, timeout: evaluatorTimeout, file: file, splits: split.splits)
    }
    return try await NetworkJudge(
      graph: graph, data: try normalizing.reference(data ?? ""), splits: split.splits, limit: limit,
      jobs: jobs)
  }

  /// What networks are run on to compare their layers' outputs; nil where only the user's command can
  /// run them.
  func inputs() async throws -> Dataset? {
    guard evaluator == nil, let data = try reference() else { return nil }
    return try await data.load(split: split.splits[0])
  }

  /// The training examples, for what needs them.
  func trainingData(for purpose: String) async throws -> Dataset {
    guard let data = try reference() else {
      throw Diagnostic(
        .usage, "\(purpose) needs training examples", remedy: "name the data with --data")
    }
    return try await data.load(split: .train)
  }
}
