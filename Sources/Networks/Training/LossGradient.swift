public import ModelGraph
import Support
public import Tensors

/// The loss of batches and its gradient, for weights that somebody else changes.
///
/// For searches that move weights by their own rules, as the training of curves between networks. A
/// plain training run is `Trainer`'s business. Used by one thread at a time; a batch is computed on
/// one thread, so that its gradient is always the same bytes.
public final class LossGradient {
  /// What a batch gives.
  public struct Batch: Sendable {
    /// The mean loss over the batch, by the data's objective.
    public var loss: Double
    /// How many of its examples are classified right; 0 where nothing is right or wrong.
    public var correctCount: Int
    /// The gradient of the mean loss for every trained tensor, in the layout of the graph's files.
    public var gradients: Weights
  }

  private let store: ParameterStore
  private let measured: Measured<[Int: Program]>
  private var dataset: Dataset { measured.dataset }
  private var programs: [Int: Program] { measured.compiled }
  /// What the outputs are measured by.
  public var objective: Objective { measured.objective }

  /// Compiles a graph for a data set. Batch normalisation and dropout work as in training.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - dataset: the examples.
  ///   - batchSizes: the sizes of the batches that will be asked for.
  /// - Throws: `Diagnostic` where the graph cannot be trained or the data do not fit.
  public init(graph: ModelGraph, dataset: Dataset, batchSizes: Set<Int>) throws {
    precondition(!batchSizes.isEmpty && batchSizes.allSatisfy { $0 > 0 })
    var store = try ParameterStore(isTrained: true)
    measured = try Measured(
      graph, dataset, options: ProgramOptions(isTraining: true),
      shapes: { programs in
        guard let program = programs.values.first else { preconditionFailure("there is a size") }
        return (program.inputShape, program.outputShape)
      }
    ) { options in
      store = try ParameterStore(isTrained: true)
      return try ThreadLimit.with(1) {
        var programs: [Int: Program] = [:]
        for size in batchSizes.sorted() {
          programs[size] = try Program(
            graph: graph, batchSize: size, options: options, store: store)
        }
        return programs
      }
    }
    self.store = store
  }

  /// The loss and the gradient of one batch.
  ///
  /// - Parameters:
  ///   - weights: every tensor of the graph.
  ///   - examples: which examples of the data set; as many as one of the sizes of `init`.
  ///   - seed: decides dropout.
  /// - Throws: `Diagnostic` where a tensor is missing or has the wrong shape.
  public func evaluate(_ weights: Weights, examples: [Int], seed: UInt64 = 0) throws -> Batch {
    guard let program = programs[examples.count], let inputs = program.inputs.baseAddress,
      let outputs = program.outputs.baseAddress,
      let outputGradients = program.outputGradients.baseAddress
    else { preconditionFailure("the batch is of one of the sizes that were announced") }
    try store.load(weights)
    let size = dataset.exampleSize
    dataset.examples.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return }
      for (row, example) in examples.enumerated() {
        (inputs + row * size).update(from: base + example * size, count: size)
      }
    }
    return try ThreadLimit.with(1) {
      try program.prepareWeights()
      try program.forward(seed: seed)
      let sum = measured.evaluate(
        outputs, size: program.outputShape.reduce(1, *), examples: examples,
        gradient: outputGradients)
      try program.backward()
      return Batch(
        loss: sum.evaluation(count: examples.count).loss,
        correctCount: sum.correct.isNaN ? 0 : Int(sum.correct),
        gradients: try store.gradients())
    }
  }
}
