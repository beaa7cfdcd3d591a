public import ModelGraph
public import WeightFiles
import WorkbenchCore

/// The loss of any weights of one graph on batches of one data set, and its gradient, compiling once.
///
/// For optimisation that is not training: over the weights of several networks, over paths. Layers
/// behave as in training; batch normalisation takes the statistics of the batch. Not for several
/// threads at once.
public final class LossGradient {
  /// The number of examples of a batch.
  public let batchSize: Int
  private let store: ParameterStore
  private let program: Program
  private let dataset: Dataset
  private let threads: Int

  /// Compiles a graph for a data set.
  ///
  /// - Parameters:
  ///   - graph: the network; its output is a row of logits or of probabilities.
  ///   - dataset: the examples, of the network's input shape or one that `Dataset.adapted` knows.
  ///   - batchSize: the examples of a batch, at most as many as there are.
  ///   - threads: how many threads a batch uses; sums in another order may differ in the last bits.
  /// - Throws: `Diagnostic` where the graph cannot be trained or the data do not fit.
  public init(
    graph: ModelGraph, dataset: Dataset, batchSize: Int = 256, threads: Int = 1
  ) throws {
    guard dataset.count > 0, batchSize > 0, threads > 0 else {
      throw Diagnostic(.usage, "a gradient needs examples, a batch and a thread")
    }
    let size = min(batchSize, dataset.count)
    let store = try ParameterStore(isTrained: true)
    let program = try ThreadLimit.with(threads) {
      try Program(
        graph: graph, batchSize: size,
        options: ProgramOptions(
          isTraining: true, dropsFinalSoftmax: true,
          inputShape: graph.inputShape(for: dataset.exampleShape)), store: store)
    }
    try checkClasses(of: dataset, outputShape: program.outputShape)
    self.dataset = try dataset.adapted(to: program.inputShape, channelOrder: graph.channelOrder)
    self.store = store
    self.program = program
    self.threads = threads
    self.batchSize = size
  }

  /// The mean cross-entropy of a batch and its gradient.
  ///
  /// - Parameters:
  ///   - weights: every tensor of the graph, in the layout of its file.
  ///   - chosen: the places of `batchSize` examples in the data set.
  ///   - seed: decides dropout.
  /// - Returns: the loss, and the gradient of every trained tensor, in its file's layout.
  public func evaluate(
    _ weights: Weights, on chosen: some Collection<Int>, seed: UInt64 = 0
  ) throws -> (loss: Double, gradient: Weights) {
    precondition(chosen.count == batchSize, "the program takes whole batches")
    return try ThreadLimit.with(threads) {
      try store.load(weights)
      try program.prepareWeights()
      let size = dataset.exampleSize
      for (row, example) in chosen.enumerated() {
        for index in 0..<size {
          program.inputs[row * size + index] = dataset.examples[example * size + index]
        }
      }
      try program.forward(seed: seed)
      guard let outputs = program.outputs.baseAddress,
        let gradients = program.outputGradients.baseAddress
      else { return (0, [:]) }
      let labels = chosen.map { dataset.labels[$0] }
      let sum = Loss.crossEntropy.evaluate(
        outputs, labels: labels[...], classCount: program.outputShape[0], gradient: gradients)
      try program.backward()
      return (sum.loss / Double(max(1, labels.count)), try store.gradients())
    }
  }
}
