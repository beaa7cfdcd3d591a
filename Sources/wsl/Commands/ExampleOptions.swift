import ArgumentParser
import Datasets
import Networks
import Workbench
import Support

/// The examples that a network is run on.
struct ExampleOptions: ParsableArguments {
  @Option(help: "The data: digits, a file (HDF5, .npz, .csv) or a folder (images, CIFAR, IDX).")
  var data: String

  @OptionGroup(title: "The data") var normalizing: NormalizationOptions

  @Option(help: "Which part of the data: train, test or both, one after the other.")
  var split: EvaluationOptions.SplitChoice = .test

  @Option(help: "Use only so many examples, the first ones.")
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
  }

  /// The examples of a split, of the classes that the network's file names.
  func load(_ split: DataSource.Split, for model: LoadedModel) async throws -> Dataset {
    var examples = try await load(split)
    if let classes = model.classes, classes.count < examples.classCount {
      examples = try examples.keeping(classes: classes)
    }
    return limit.map { examples.prefix($0) } ?? examples
  }

  /// All examples of a split.
  func load(_ split: DataSource.Split) async throws -> Dataset {
    try await normalizing.reference(data).load(split: split)
  }

  /// What is to be said of the examples, and of their fit to a network.
  func warnings(about model: LoadedModel, on examples: Dataset, jobs: Int?) -> [String] {
    examples.notes
      + normalizing.warnings(
        about: model.path, model.graph, model.weights, on: examples, jobs: jobs)
  }
}
