/// How a network is trained.
public struct TrainingOptions: Sendable {
  /// How often all examples are seen.
  public var epochs: Int
  /// The number of examples of a step. The last step of an epoch takes what is left.
  public var batchSize: Int
  /// How gradients change weights.
  public var optimizer: Optimizer
  /// The learning rate that the schedule starts from, or peaks at.
  public var learningRate: Double
  /// How the learning rate changes.
  public var schedule: Schedule
  /// The weight decay, on every trained tensor.
  public var weightDecay: Double
  /// What is made small.
  public var loss: Loss
  /// The share of the target that is spread evenly over all classes.
  public var labelSmoothing: Double
  /// Random changes of the images.
  public var augmentation: Augmentation
  /// Decides the order of the examples, dropout, augmentation, and the first weights where none
  /// are given.
  public var seed: UInt64
  /// How the first weights are drawn.
  public var initializer: Initializer
  /// Epochs after which the state is kept; 0 is before the first.
  public var checkpointEpochs: Set<Int>
  /// What is done to the examples, anew in every epoch and before the augmentation.
  public var transform: (any ExampleTransform)?
  /// How many threads a step uses. For a given seed and number of threads the trained bytes are
  /// always the same; another number of threads adds in another order and may differ in the last
  /// bits, so a zoo trains each model with one and runs models side by side.
  public var threads: Int

  /// Makes options; what is not given is Adam at 0.001 for ten epochs of batches of 128.
  public init(
    epochs: Int = 10, batchSize: Int = 128, optimizer: Optimizer = .adam(),
    learningRate: Double = 0.001, schedule: Schedule = .constant, weightDecay: Double = 0,
    loss: Loss = .crossEntropy, labelSmoothing: Double = 0,
    augmentation: Augmentation = Augmentation(), seed: UInt64 = 0,
    initializer: Initializer = .heNormal, checkpointEpochs: Set<Int> = [],
    transform: (any ExampleTransform)? = nil, threads: Int = 1
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.schedule = schedule
    self.weightDecay = weightDecay
    self.loss = loss
    self.labelSmoothing = labelSmoothing
    self.augmentation = augmentation
    self.seed = seed
    self.initializer = initializer
    self.checkpointEpochs = checkpointEpochs
    self.transform = transform
    self.threads = threads
  }
}
