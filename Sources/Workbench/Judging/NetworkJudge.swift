import Catalogs
public import Datasets
import Foundation
public import ModelGraph
public import Networks
import Support
public import Tensors
public import WeightFiles

/// What tells the loss and the accuracy of networks on the data sets of a command.
public final class NetworkJudge {
  /// One data set.
  public struct Part {
    /// Which part of the data it is.
    public var split: DataSource.Split
    /// Nil where only the user's command knows.
    public var exampleCount: Int?
    /// What outputs are measured by; nil where only the user's command knows.
    public var objective: Objective?
    /// What was taken for granted of the data.
    public var notes: [String] = []
  }

  private enum Way {
    case builtIn([Evaluator])
    case external(ExternalEvaluator, ScratchFolder, WeightFile)
  }

  /// The data sets, in the order of the results.
  public let parts: [Part]
  private let way: Way

  /// Runs networks here.
  public init(
    graph: ModelGraph, data: DataReference, splits: [DataSource.Split], limit: Int?, jobs: Int?
  ) async throws {
    var parts: [Part] = []
    var evaluators: [Evaluator] = []
    for split in splits {
      var examples = try await data.load(split: split)
      if let limit { examples = examples.prefix(limit) }
      let evaluator = try Evaluator(graph: graph, dataset: examples, jobs: jobs)
      evaluators.append(evaluator)
      parts.append(
        Part(
          split: split, exampleCount: examples.count, objective: evaluator.objective,
          notes: examples.notes))
    }
    self.parts = parts
    way = .builtIn(evaluators)
  }

  /// Asks the user's command about files in the container of `file`.
  public init(command: String, timeout: Double, file: WeightFile, splits: [DataSource.Split]) throws
  {
    parts = splits.map { Part(split: $0, exampleCount: nil) }
    way = .external(
      try ExternalEvaluator(command: command, timeout: timeout),
      try ScratchFolder(fileName: (file.catalog.file as NSString).lastPathComponent), file)
  }

  /// The loss and the accuracy on each data set.
  ///
  /// - Parameter weights: by the names and in the axis order of the file or the graph.
  public func evaluate(_ weights: Weights) async throws -> [(loss: Double, accuracy: Double)] {
    switch way {
    case .builtIn(let evaluators):
      return try evaluators.map { evaluator in
        let evaluation = try evaluator.evaluate(weights)
        return (evaluation.loss, evaluation.accuracy)
      }
    case .external(let evaluator, let scratch, let file):
      try await file.writeCopy(
        to: scratch.file, replacing: try file.replacements(weights), overwrites: true)
      return try parts.map { try evaluator.evaluate(scratch.file, split: $0.split.rawValue) }
    }
  }

  /// The loss at the best temperature on each data set.
  ///
  /// - Throws: `Diagnostic` of code `usage` where losses are the user's command's, or no cross-entropies
  ///   of classes.
  public func temperedLosses(_ weights: Weights) async throws -> [TemperedLoss] {
    let refusal = Diagnostic(
      .usage, "only the cross-entropy of classes has a best temperature",
      remedy: "measure at temperature 1")
    guard case .builtIn(let evaluators) = way else { throw refusal }
    return try evaluators.map { evaluator in
      guard let found = try evaluator.temperedLoss(weights) else { throw refusal }
      return found
    }
  }
}

extension WeightFile {
  /// Weights as the bytes that `writeCopy` takes, in the types that the file stores.
  public func replacements(_ weights: Weights) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for (name, tensor) in weights {
      result[name] = try entry(named: name).elementType.bytes(of: tensor.values)
    }
    return result
  }
}
