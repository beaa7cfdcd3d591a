public import LinearAlgebra
import Networks
import Support

/// How a probe network is trained: by Adam with weight decay added to the gradient.
public struct ProbeTrainingOptions: Sendable, Hashable {
  /// How many times every model is seen at most.
  public var epochs = 500
  /// How many models make a step.
  public var batchSize = 128
  /// The learning rate.
  public var learningRate = 1e-3
  /// The weight decay.
  public var weightDecay = 1e-5
  /// After how many epochs each the models kept for choosing are looked at.
  public var evaluatedEvery = 5
  /// After how many looks without a better one training ends; nil trains all epochs.
  public var patience: Int? = 10
  /// What the first parameters and the order of models are drawn from.
  public var seed: UInt64 = 0

  /// The published settings, with an early end.
  public init() {}
}

/// Trains a probe network.
public struct ProbeTrainer {
  /// What a step or a look found.
  public struct Look: Sendable, Hashable {
    /// After how many epochs.
    public var epoch: Int
    /// The mean loss of the epoch's steps.
    public var trainingLoss: Double
    /// The metric on the models kept for choosing; larger is better.
    public var validation: Double
  }

  /// What came out.
  public struct Result: Sendable {
    /// The network of the best look; of the last step where no models are kept for choosing.
    public var network: ProbeNetwork<Float>
    /// All looks.
    public var looks: [Look]
  }

  private let options: ProbeTrainingOptions
  private let jobs: Int?

  /// Prepares a training.
  public init(options: ProbeTrainingOptions, jobs: Int? = nil) {
    self.options = options
    self.jobs = jobs
  }

  /// Trains a network on some models and keeps the state that is best on others.
  ///
  /// - Parameters:
  ///   - network: where to begin.
  ///   - training: the models to learn from.
  ///   - validation: the models to choose the best state by; may be empty.
  ///   - texts: for an aligned head, an embedding for each class.
  /// - Throws: `Diagnostic` of code `failed` where the loss becomes infinite or no number.
  /// - Complexity: three times the work of a pass over the training models, for each epoch.
  public func train(
    _ network: ProbeNetwork<Float>, on stack: LayerStack<Float>, targets: ProbeTargets,
    training: [Int], validation: [Int], texts: Matrix<Float>? = nil
  ) throws -> Result {
    var state = AdamState(network, options)
    var result = Result(network: network, looks: [])
    var best = (metric: -Double.infinity, loss: Double.infinity)
    var looksWithoutGain = 0
    let order = SeededGenerator(seed: options.seed).derived(1 << 32)
    let size = max(1, min(options.batchSize, training.count))
    let views = ProbeViews(stack, branches: network.shape.branches)
    let pass = ProbePass<Float>(network.shape, capacity: size, views: views)
    let look = ProbePass<Float>(
      network.shape, capacity: min(ProbePass<Float>.evaluated, validation.count), views: views)
    for epoch in 1...max(1, options.epochs) {
      var generator = order.derived(UInt64(epoch))
      let shuffled = generator.permutation(count: training.count).map { training[$0] }
      var sum = 0.0
      for start in stride(from: 0, to: shuffled.count, by: size) {
        let batch = Array(shuffled[start..<min(shuffled.count, start + size)])
        let loss = try state.step(
          batch, on: stack, targets: targets, texts: texts, pass: pass, jobs: jobs)
        guard loss.isFinite else {
          throw Diagnostic(
            .failed, "the training of a probe diverges in epoch \(epoch)",
            remedy: "take a smaller learning rate")
        }
        sum += loss * Double(batch.count)
      }
      guard !validation.isEmpty else { continue }
      guard epoch % max(1, options.evaluatedEvery) == 0 || epoch == options.epochs else { continue }
      let scores = try state.network.scores(
        of: validation, in: stack, texts: texts, pass: look, jobs: jobs)
      let metric = ProbeMetric.value(Matrix(widening: scores), targets, validation)
      let loss = ProbeLoss.evaluate(scores, targets, validation).loss
      result.looks.append(
        Look(
          epoch: epoch, trainingLoss: sum / Double(max(1, training.count)), validation: metric))
      if (metric, -loss) > (best.metric, -best.loss) {
        best = (metric, loss)
        result.network = state.network
        looksWithoutGain = 0
      } else {
        looksWithoutGain += 1
        if let patience = options.patience, looksWithoutGain >= patience { break }
      }
    }
    if validation.isEmpty || result.looks.isEmpty { result.network = state.network }
    return result
  }
}

/// A network while Adam changes it.
struct AdamState {
  private(set) var network: ProbeNetwork<Float>
  private let options: ProbeTrainingOptions
  private var gradient: [Float]
  private var means: [Float]
  private var squares: [Float]
  private var number = 0

  init(_ network: ProbeNetwork<Float>, _ options: ProbeTrainingOptions) {
    self.network = network
    self.options = options
    gradient = Array(repeating: 0, count: network.parameters.count)
    means = gradient
    squares = gradient
  }

  /// Makes a step on a batch.
  ///
  /// - Returns: the loss before it.
  mutating func step(
    _ batch: [Int], on stack: LayerStack<Float>, targets: ProbeTargets, texts: Matrix<Float>?,
    pass: ProbePass<Float>, jobs: Int?
  ) throws -> Double {
    let loss = try network.descend(
      batch, in: stack, targets: targets, texts: texts, jobs: jobs, pass, into: &gradient)
    number += 1
    let step = OptimizerStep(
      optimizer: .adam(), rate: options.learningRate, weightDecay: options.weightDecay,
      number: number)
    let count = gradient.count
    network.parameters.withUnsafeMutableBufferPointer { weights in
      gradient.withUnsafeBufferPointer { gradient in
        means.withUnsafeMutableBufferPointer { means in
          squares.withUnsafeMutableBufferPointer { squares in
            guard let weights = weights.baseAddress, let gradient = gradient.baseAddress,
              let means = means.baseAddress, let squares = squares.baseAddress
            else { return }
            step.apply(to: weights, gradients: gradient, state: [means, squares], count: count)
          }
        }
      }
    }
    return loss
  }
}
