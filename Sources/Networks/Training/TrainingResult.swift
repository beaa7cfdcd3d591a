public import Tensors

/// What an epoch of training achieved.
public struct EpochRecord: Sendable, Hashable {
  /// The number of the epoch, from 1.
  public var epoch: Int
  /// The learning rate of its last step.
  public var learningRate: Double
  /// The loss and accuracy over the training examples, as they were while the weights changed.
  public var training: Evaluation
  /// The loss and accuracy on the validation set after the epoch, where there is one.
  public var validation: Evaluation?

  /// Makes a record.
  public init(
    epoch: Int, learningRate: Double, training: Evaluation, validation: Evaluation? = nil
  ) {
    self.epoch = epoch
    self.learningRate = learningRate
    self.training = training
    self.validation = validation
  }
}

/// Everything that training goes on from: the same bytes come out as without the interruption.
public struct TrainingCheckpoint: Sendable, Hashable {
  /// How many epochs are done.
  public var epoch: Int
  /// The weights, in the layout of the graph's files.
  public var weights: Weights
  /// The optimiser's running averages of the trained tensors, in the same layout: none, one (the
  /// velocity) or two (Adam's).
  public var averages: [Weights]
  /// The epochs so far.
  public var history: [EpochRecord]

  /// Makes a checkpoint.
  public init(
    epoch: Int, weights: Weights, averages: [Weights], history: [EpochRecord] = []
  ) {
    self.epoch = epoch
    self.weights = weights
    self.averages = averages
    self.history = history
  }
}

/// What training ends with.
public struct TrainingResult: Sendable, Hashable {
  /// The trained weights, in the layout of the graph's files. Tensors of the initial weights that
  /// the graph does not use are passed on.
  public var weights: Weights
  /// An entry an epoch.
  public var history: [EpochRecord]
  /// The state after each epoch that was asked for, in order.
  public var checkpoints: [TrainingCheckpoint]
}
