public import ModelGraph
import Support
public import Tensors

/// Measures many sets of weights of one graph on one data set, compiling once.
///
/// Batches run side by side, each on one thread; their sums are added in order in Float64. The
/// result is the same for any number of jobs.
public final class Evaluator: Sendable {
  /// What the outputs are measured by.
  public var objective: Objective { measured.objective }
  private let measured: Measured<ProgramPool>
  private var pool: ProgramPool { measured.compiled }
  private var dataset: Dataset { measured.dataset }

  /// Compiles a graph for a data set.
  ///
  /// - Parameters:
  ///   - graph: the network. Its output is a row of logits, or of probabilities where it ends in a
  ///     softmax or sigmoid (which is then left out, and the loss computed from its logits); or what
  ///     `Objective` says.
  ///   - dataset: the examples, of the network's input shape or one that `Dataset.adapted` knows.
  ///   - batchSize: how many examples a program takes at once.
  ///   - jobs: how many programs run side by side; nil means one a processor.
  /// - Throws: `Diagnostic` where the graph cannot be run or the data do not fit.
  public init(
    graph: ModelGraph, dataset: Dataset, batchSize: Int = 256, jobs: Int? = nil
  ) throws {
    measured = try Measured(
      graph, dataset, options: ProgramOptions(), shapes: { ($0.inputShape, $0.outputShape) }
    ) { options in
      try ProgramPool(
        graph: graph, batchSize: batchSize, options: options, jobs: jobs,
        expectedCount: max(1, dataset.count))
    }
  }

  /// The loss and the accuracy with some weights. Both are NaN where a weight is not finite: what such
  /// a network computes is of no use, whether or not it gets as far as the output.
  ///
  /// - Parameter weights: every tensor of the graph, in the layout of its file.
  /// - Throws: `Diagnostic` where a tensor is missing or has the wrong shape.
  public func evaluate(_ weights: Weights) throws -> Evaluation {
    guard weights.values.allSatisfy({ $0.firstNonFinite == nil }) else {
      return Evaluation(loss: .nan, accuracy: .nan, count: dataset.count)
    }
    return try sums(weights).reduce(into: LossSum()) { $0 += $1 }
      .evaluation(count: dataset.count)
  }

  /// The loss and the accuracy of every batch of examples by itself, in their order: what a paired
  /// test of two networks needs.
  ///
  /// - Throws: as `evaluate`.
  public func evaluateBatches(_ weights: Weights) throws -> [Evaluation] {
    guard weights.values.allSatisfy({ $0.firstNonFinite == nil }) else {
      return [Evaluation(loss: .nan, accuracy: .nan, count: dataset.count)]
    }
    return try sums(weights).enumerated().map { index, sum in
      sum.evaluation(count: min(pool.batchSize, dataset.count - index * pool.batchSize))
    }
  }

  private func sums(_ weights: Weights) throws -> [LossSum] {
    let measured = measured
    let size = pool.outputShape.reduce(1, *)
    return try pool.run(weights: weights, inputs: dataset.examples, count: dataset.count) {
      program, range in
      guard let outputs = program.outputs.baseAddress else { return LossSum() }
      return measured.evaluate(outputs, size: size, examples: range)
    }
  }
}

/// Checks that a network's output has a number for every class of a data set.
func checkClasses(of dataset: Dataset, outputShape: [Int]) throws {
  try dataset.requireClasses()
  guard outputShape.count == 1, outputShape[0] >= dataset.classCount else {
    throw Diagnostic(
      .badData,
      "the network's output is of shape \(outputShape), and the data have "
        + "\(dataset.classCount) classes", remedy: "give the data the network was made for")
  }
}
