import LinearAlgebra
import ModelGraph
import Support
import Tensors

/// One training run: programs compiled, memory planned, and the state that moves on.
final class TrainingSession {
  private let graph: ModelGraph
  private let options: TrainingOptions
  /// The examples as they were given, where every epoch changes them anew.
  private let clean: Dataset?
  private var dataset: Dataset
  private let store: ParameterStore
  private let programs: [Int: Program]
  private let evaluator: Evaluator?
  /// What the outputs of every step should be, for a language model.
  private let stepTargets: StepTargets?
  private let first: Weights
  private let generator: SeededGenerator
  private var epoch = 0
  private var history: [EpochRecord] = []
  private var checkpoints: [TrainingCheckpoint] = []

  /// Compiles the network for the batch sizes that an epoch has. Call it under the thread limit of
  /// the options.
  init(
    graph: ModelGraph, from initial: Weights?, on dataset: Dataset, validation: Dataset?,
    options: TrainingOptions, resuming checkpoint: TrainingCheckpoint?
  ) throws {
    try TrainingSession.check(options, dataset)
    let batch = min(options.batchSize, dataset.count)
    let store = try ParameterStore(
      isTrained: true, averageCount: options.optimizer.stateCount)
    let settings = ProgramOptions(
      isTraining: true, dropsFinalSoftmax: options.loss == .crossEntropy,
      dropsFinalSigmoid: options.loss == .binaryCrossEntropy,
      inputShape: graph.inputShape(for: dataset.exampleShape))
    var programs: [Int: Program] = [:]
    for size in [batch, dataset.count % batch] where size > 0 {
      programs[size] = try Program(
        graph: graph, batchSize: size, options: settings, store: store)
    }
    guard let program = programs[batch] else { preconditionFailure("a batch has an example") }
    clean = options.transform.map { _ in dataset }
    self.dataset = try dataset.adapted(to: program.inputShape, for: graph)
    let objective =
      dataset.hasClasses || options.loss != .crossEntropy
      ? nil
      : try Objective(
        for: dataset, final: graph.finalActivation, inputShape: program.inputShape,
        outputShape: program.outputShape)
    stepTargets = try objective?.stepTargets(of: self.dataset, outputShape: program.outputShape)
    if stepTargets == nil {
      try checkClasses(of: dataset, outputShape: program.outputShape)
    } else if !options.augmentation.isIdentity || options.transform != nil {
      throw Diagnostic(
        .usage, "tokens are no images, which could be augmented",
        remedy: "train without augmentation")
    }
    if !options.augmentation.isIdentity, !(2...3).contains(program.inputShape.count) {
      throw Diagnostic(
        .usage, "examples of shape \(program.inputShape) cannot be shifted or flipped",
        remedy: "train without augmentation")
    }
    generator = SeededGenerator(seed: options.seed)
    let drawn = Initializer.weights(
      for: graph, seed: options.seed, initializer: options.initializer)
    first = checkpoint?.weights ?? initial ?? drawn
    try store.load(first)
    if let checkpoint {
      guard checkpoint.averages.count == options.optimizer.stateCount else {
        throw Diagnostic(
          .usage, "the checkpoint was made by another optimiser", remedy: "train with the same")
      }
      for (index, averages) in checkpoint.averages.enumerated() {
        try store.loadAverages(index, averages)
      }
      epoch = checkpoint.epoch
      history = checkpoint.history
    }
    evaluator = try validation.map {
      try Evaluator(graph: graph, dataset: $0, jobs: options.threads)
    }
    self.graph = graph
    self.options = options
    self.store = store
    self.programs = programs
  }

  /// Trains to the end.
  func run(
    checkpointHandler: ((TrainingCheckpoint) throws -> Void)?, progress: ProgressHandler?
  ) throws -> TrainingResult {
    func keep() throws {
      guard options.checkpointEpochs.contains(epoch) else { return }
      let checkpoint = TrainingCheckpoint(
        epoch: epoch, weights: try weights(),
        averages: try (0..<options.optimizer.stateCount).map(store.averages), history: history)
      checkpoints.append(checkpoint)
      try checkpointHandler?(checkpoint)
    }
    if epoch == 0 { try keep() }
    while epoch < options.epochs {
      let rate = rate(at: (epoch + 1) * stepsPerEpoch - 1)
      let training = try runEpoch(progress: progress)
      epoch += 1
      let validation = try evaluator?.evaluate(store.weights())
      history.append(
        EpochRecord(
          epoch: epoch, learningRate: rate, training: training, validation: validation))
      try keep()
    }
    return TrainingResult(weights: try weights(), history: history, checkpoints: checkpoints)
  }

  /// The weights, with the tensors of the first ones that the graph does not use.
  private func weights() throws -> Weights {
    first.merging(try store.weights()) { $1 }
  }

  private var batchSize: Int { min(options.batchSize, dataset.count) }
  private var stepsPerEpoch: Int { (dataset.count + batchSize - 1) / batchSize }

  private func rate(at step: Int) -> Double {
    options.schedule.rate(
      base: options.learningRate, step: step, stepsPerEpoch: stepsPerEpoch,
      epochs: options.epochs)
  }

  private func runEpoch(progress: ProgressHandler?) throws -> Evaluation {
    var shuffling = generator.derived(UInt64(2 * epoch))
    let order = shuffling.permutation(count: dataset.count)
    var augmenting = generator.derived(UInt64(2 * epoch + 1))
    if let clean, let transform = options.transform, let program = programs[batchSize] {
      var corrupting = generator.derived(1 << 63 | UInt64(epoch))
      dataset = try transform.applied(to: clean, seed: corrupting.next(), jobs: options.threads)
        .adapted(to: program.inputShape, for: graph)
    }
    var total = LossSum()
    var seen = 0
    for step in 0..<stepsPerEpoch {
      guard !Task.isCancelled else {
        throw Diagnostic(.interrupted, "training was interrupted", remedy: "run it again to resume")
      }
      let chosen = order[step * batchSize..<min(order.count, (step + 1) * batchSize)]
      total += try runStep(
        chosen, number: epoch * stepsPerEpoch + step, augmenting: &augmenting)
      seen += chosen.count
      guard total.loss.isFinite else {
        throw Diagnostic(
          .failed, "the loss is not finite in epoch \(epoch + 1), step \(step + 1)",
          remedy: "train with a lower learning rate")
      }
      if let progress, step % 16 == 15 || step + 1 == stepsPerEpoch {
        let mean = total.evaluation(count: seen)
        progress(
          ProgressUpdate(
            "epoch \(epoch + 1) of \(options.epochs)",
            completed: epoch * stepsPerEpoch + step + 1, total: options.epochs * stepsPerEpoch,
            detail: "loss \(rounded(mean.loss)), accuracy \(rounded(mean.accuracy))"))
      }
    }
    return total.evaluation(count: seen)
  }

  private func runStep(
    _ chosen: ArraySlice<Int>, number: Int, augmenting: inout SeededGenerator
  ) throws -> LossSum {
    guard let program = programs[chosen.count], let inputs = program.inputs.baseAddress,
      let outputs = program.outputs.baseAddress,
      let gradients = program.outputGradients.baseAddress
    else { preconditionFailure("every batch size of an epoch has a program") }
    gather(chosen, into: inputs, shape: program.inputShape, using: &augmenting)
    let labels = chosen.map { dataset.labels[$0] }
    try program.prepareWeights()
    try program.forward(seed: options.seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    let sum =
      stepTargets?.evaluate(
        outputs, examples: chosen, labelSmoothing: options.labelSmoothing, gradient: gradients)
      ?? options.loss.evaluate(
        outputs, labels: labels[...], classCount: program.outputShape[0],
        labelSmoothing: options.labelSmoothing, gradient: gradients)
    try program.backward()
    let step = OptimizerStep(
      optimizer: options.optimizer, rate: rate(at: number), weightDecay: options.weightDecay,
      number: number + 1)
    store.update(by: step, threads: options.threads)
    return sum
  }

  private func gather(
    _ chosen: ArraySlice<Int>, into target: UnsafeMutablePointer<Float>, shape: [Int],
    using generator: inout SeededGenerator
  ) {
    let size = dataset.exampleSize
    dataset.examples.withUnsafeBufferPointer { examples in
      guard let base = examples.baseAddress else { return }
      for (row, example) in chosen.enumerated() {
        let source = base + example * size
        if options.augmentation.isIdentity {
          (target + row * size).update(from: source, count: size)
        } else {
          options.augmentation.apply(
            source, into: target + row * size, shape: shape, channelOrder: graph.channelOrder,
            using: &generator)
        }
      }
    }
  }

  private func rounded(_ value: Double) -> String {
    String((value * 10_000).rounded() / 10_000)
  }

  private static func check(_ options: TrainingOptions, _ dataset: Dataset) throws {
    func require(_ isRight: Bool, _ what: String) throws {
      guard isRight else { throw Diagnostic(.usage, what) }
    }
    try require(dataset.count > 0, "there are no examples to train on")
    try require(options.epochs >= 0, "training for \(options.epochs) epochs is not possible")
    try require(options.batchSize > 0, "a batch of \(options.batchSize) is not possible")
    try require(options.threads > 0, "\(options.threads) threads cannot train")
    try require(
      options.learningRate.isFinite && options.learningRate >= 0,
      "a learning rate of \(options.learningRate) is not possible")
    try require(
      (0..<1).contains(options.labelSmoothing),
      "label smoothing of \(options.labelSmoothing) is not possible")
  }
}
