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
        graph: graph,
        batchSize: graph.batchSize(upTo: batchSize, exampleShape: dataset.exampleShape),
        options: options, jobs: jobs, expectedCount: max(1, dataset.count))
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

  /// The loss at the temperature that makes it smallest, by Newton's method: the loss is convex in the
  /// inverse temperature. Nil for another loss than the cross-entropy of classes; NaN where a weight is
  /// not finite.
  ///
  /// - Throws: as `evaluate`.
  /// - Complexity: some five times that of `evaluate`.
  public func temperedLoss(_ weights: Weights) throws -> TemperedLoss? {
    guard objective.loss == .crossEntropy else { return nil }
    guard weights.values.allSatisfy({ $0.firstNonFinite == nil }) else {
      return TemperedLoss(temperature: .nan, loss: .nan)
    }
    func sum(_ sharpness: Double) throws -> TemperedSum {
      let measured = measured
      let size = pool.outputShape.reduce(1, *)
      return try pool.run(weights: weights, inputs: dataset.examples, count: dataset.count) {
        program, range in
        program.outputs.baseAddress.flatMap {
          measured.tempered($0, size: size, examples: range, sharpness: sharpness)
        } ?? TemperedSum()
      }.reduce(into: TemperedSum()) { $0 += $1 }
    }
    let count = Double(max(1, dataset.count))
    var sharpness = 1.0
    var found = try sum(sharpness)
    for _ in 0..<20 {
      guard found.loss.isFinite, found.curvature > 0 else { break }
      // A step of Newton, at most a factor of four, within what is a temperature at all.
      let wanted = sharpness - found.slope / found.curvature
      let next = min(max(wanted, sharpness / 4, 1.0 / 64), sharpness * 4, 64)
      let isDone = abs(next - sharpness) <= 1e-6 * sharpness
      if isDone { break }
      let better = try sum(next)
      guard better.loss.isFinite else { break }
      (sharpness, found) = (next, better)
    }
    return TemperedLoss(temperature: 1 / sharpness, loss: found.loss / count)
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
