import LinearAlgebra
public import ModelGraph
public import Networks
public import Support
import Tensors

/// Bends a Bézier curve until the loss along it is small (Garipov et al. 2018, algorithm 1): for
/// each batch a place t is drawn uniformly, and the control point follows the gradient of the loss
/// there, `2t(1−t)·∇L(φ(t))`, by stochastic gradient descent with momentum. The ends stay.
public struct BezierTraining: Sendable {
  /// How often all examples are seen.
  public var epochs: Int
  /// The number of examples of a step.
  public var batchSize: Int
  /// The learning rate. It stays for half of the steps, falls linearly to a hundredth by nine
  /// tenths of them, and stays there: the schedule of the authors.
  public var learningRate: Double
  /// The momentum.
  public var momentum: Double
  /// The weight decay of the curve's point.
  public var weightDecay: Double
  /// Decides the places and the order of the examples.
  public var seed: UInt64

  /// Makes a training.
  public init(
    epochs: Int = 5, batchSize: Int = 128, learningRate: Double = 0.03, momentum: Double = 0.9,
    weightDecay: Double = 0, seed: UInt64 = 0
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.seed = seed
  }

  /// Trains the control point of a curve. The same seed gives the same bytes.
  ///
  /// Running statistics of batch normalisation have no gradient: measure such a curve with
  /// `Repair.reset`.
  ///
  /// - Throws: `Diagnostic` where the network cannot be trained on the data, or the loss stops being
  ///   finite.
  public func train(
    _ path: BezierPath, graph: ModelGraph, on dataset: Dataset, progress: ProgressHandler? = nil
  ) throws -> BezierPath {
    guard epochs > 0, batchSize > 0, dataset.count > 0, learningRate > 0 else {
      throw Diagnostic(.usage, "a curve is trained for at least one epoch on at least one example")
    }
    let size = min(batchSize, dataset.count)
    let steps = dataset.count / size
    let gradient = try LossGradient(graph: graph, dataset: dataset, batchSizes: [size])
    let source = SeededGenerator(seed: seed)
    var path = path
    var velocity: [String: [Float]] = [:]
    for epoch in 0..<epochs {
      var generator = source.derived(UInt64(epoch))
      let order = generator.permutation(count: dataset.count)
      var total = 0.0
      for step in 0..<steps {
        let number = epoch * steps + step
        let t = generator.uniform()
        let batch = try gradient.evaluate(
          path.network(at: t), examples: Array(order[step * size..<(step + 1) * size]),
          seed: seed &+ UInt64(number))
        total += batch.loss
        guard batch.loss.isFinite else {
          throw Diagnostic(
            .failed, "the loss is not finite in epoch \(epoch + 1), step \(step + 1) of the curve",
            remedy: "train it with a lower \(setting: .curveRate)")
        }
        let rate = rate(at: Double(number) / Double(epochs * steps))
        let scale = Float(2 * t * (1 - t))
        for (name, slope) in batch.gradients {
          move(
            &path.control[name, default: Tensor(zeros: slope.shape)].values, slope.values, scale,
            Float(rate),
            &velocity[name, default: Array(repeating: 0, count: slope.values.count)])
        }
        if step % 16 == 15 || step + 1 == steps {
          progress?(
            ProgressUpdate(
              "curve", completed: number + 1, total: epochs * steps,
              detail: "mean loss \((total / Double(step + 1) * 1e4).rounded() / 1e4)"))
        }
      }
    }
    return path
  }

  /// The learning rate after a share of the steps.
  func rate(at share: Double) -> Double {
    if share < 0.5 { return learningRate }
    if share >= 0.9 { return learningRate * 0.01 }
    return learningRate * (1 - (share - 0.5) / 0.4 * 0.99)
  }

  private func move(
    _ weights: inout [Float], _ slope: [Float], _ scale: Float, _ rate: Float,
    _ velocity: inout [Float]
  ) {
    let (momentum, decay) = (Float(momentum), Float(weightDecay))
    var place = weights.mutableSpan
    var speed = velocity.mutableSpan
    let gradient = slope.span
    for index in gradient.indices {
      speed[index] = momentum * speed[index] + scale * gradient[index] + decay * place[index]
      place[index] -= rate * speed[index]
    }
  }
}
