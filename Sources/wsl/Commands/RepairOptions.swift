public import ArgumentParser
public import Connectivity
import Datasets
import ModelGraph
import Networks
import Support

/// How averaged weights are repaired.
struct RepairOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also measure the averaged weights repaired: reset, repair, rescale or none.",
      discussion: """
        reset measures the running statistics of batch normalisation anew on training examples. \
        In networks without batch normalisation, repair gives hidden units the mean and the \
        standard deviation they had on training examples, and rescale gives channels the norms \
        they had, without data.
        """))
  var repair: Repair.Method = .none

  @Option(help: "How many training examples statistics are measured on, drawn at random.")
  var repairExamples = 10_000

  func validate() throws {
    if repairExamples < 2 {
      throw ValidationError("--repair-examples takes a number from 2 up.")
    }
  }

  /// The repair, ready for any weights of a graph; nil for none.
  ///
  /// - Parameter data: the data set whose training examples serve.
  func prepare(
    for graph: ModelGraph, data: DataReference?, seed: UInt64, jobs: Int?
  ) async throws -> Repair? {
    switch repair {
    case .none: return nil
    case .rescale:
      return .rescale(try NormRescaling(graph: graph))
    case .repair:
      let training = try await trainingData(data)
      return .repair(
        try ActivationRepair(
          graph: graph, dataset: training, exampleLimit: repairExamples, seed: seed, jobs: jobs))
    case .reset:
      guard graph.hasBatchNormalization else {
        throw Diagnostic(
          .usage, "the network has no batch normalisation whose statistics could be reset",
          remedy: "use --repair repair")
      }
      let training = try await trainingData(data)
      return .reset(
        try BatchStatistics(
          graph: graph, dataset: training, exampleLimit: repairExamples, seed: seed, jobs: jobs))
    }
  }

  private func trainingData(_ data: DataReference?) async throws -> Dataset {
    guard let data else {
      throw Diagnostic(
        .usage, "--repair \(repair.rawValue) measures on training examples",
        remedy: "name the data with --data")
    }
    return try await data.load(split: .train)
  }
}

extension Repair.Method: ExpressibleByArgument {}
