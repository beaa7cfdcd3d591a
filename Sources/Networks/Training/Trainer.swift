public import ModelGraph
public import Support
public import Tensors

/// Trains networks.
public struct Trainer {
  /// Trains a network.
  ///
  /// Every random choice derives from the seed and the number of the epoch or the step, so training
  /// from a checkpoint gives the bytes that training without interruption gives.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - initial: the weights to start from; nil draws them (`options.initializer`).
  ///   - dataset: the training examples.
  ///   - validation: examples to measure on after every epoch.
  ///   - options: how to train.
  ///   - checkpoint: where to go on from; `initial` is then not used.
  ///   - checkpointHandler: receives each checkpoint as it is made, to write it down.
  ///   - progress: receives an update every few steps.
  /// - Throws: `Diagnostic` where the data do not fit the graph, a layer cannot be trained, or the
  ///   loss stops being finite.
  public static func train(
    graph: ModelGraph, from initial: Weights? = nil, on dataset: Dataset,
    validation: Dataset? = nil, options: TrainingOptions = TrainingOptions(),
    resuming checkpoint: TrainingCheckpoint? = nil,
    checkpointHandler: ((TrainingCheckpoint) throws -> Void)? = nil,
    progress: ProgressHandler? = nil
  ) throws -> TrainingResult {
    try ThreadLimit.with(options.threads) {
      let session = try TrainingSession(
        graph: graph, from: initial, on: dataset, validation: validation, options: options,
        resuming: checkpoint)
      return try session.run(checkpointHandler: checkpointHandler, progress: progress)
    }
  }
}
