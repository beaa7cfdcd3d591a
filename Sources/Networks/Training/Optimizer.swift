import CKernels

/// How gradients change weights.
public enum Optimizer: Sendable, Hashable {
  /// Stochastic gradient descent: `v ← momentum·v + g`, `w ← w − rate·v` (Nesterov: the step is
  /// `g + momentum·v`). Weight decay is added to the gradient.
  case sgd(momentum: Double = 0, nesterov: Bool = false)
  /// Adam (Kingma and Ba, 2015, algorithm 1). Weight decay is added to the gradient.
  case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
  /// Adam with decoupled weight decay (Loshchilov and Hutter, 2019, algorithm 2).
  case adamW(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)

  /// How many running averages it keeps for each weight.
  public var stateCount: Int {
    switch self {
    case .sgd(let momentum, _): momentum == 0 ? 0 : 1
    case .adam, .adamW: 2
    }
  }
}

/// One step of an optimiser over one tensor.
package struct OptimizerStep {
  let optimizer: Optimizer
  /// The learning rate of this step.
  let rate: Double
  let weightDecay: Double
  /// The number of the step, from 1: Adam's averages start at zero and are corrected by it.
  let number: Int

  /// Describes a step.
  package init(optimizer: Optimizer, rate: Double, weightDecay: Double, number: Int) {
    self.optimizer = optimizer
    self.rate = rate
    self.weightDecay = weightDecay
    self.number = number
  }

  /// Changes `count` weights.
  ///
  /// - Parameters:
  ///   - weights: the weights.
  ///   - gradients: their gradients.
  ///   - state: as many arrays of running averages as `Optimizer.stateCount` says.
  package func apply(
    to weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    state: [UnsafeMutablePointer<Float>], count: Int
  ) {
    switch optimizer {
    case .sgd(let momentum, let nesterov):
      guard let velocity = state.first else {
        return descend(weights, gradients, count)
      }
      descend(
        weights, gradients, velocity, count, momentum: Float(momentum), isNesterov: nesterov)
    case .adam(let beta1, let beta2, let epsilon):
      adapt(
        weights, gradients, state[0], state[1], count, beta1: beta1, beta2: beta2,
        epsilon: epsilon, coupledDecay: Float(weightDecay), shrinkage: 1)
    case .adamW(let beta1, let beta2, let epsilon):
      adapt(
        weights, gradients, state[0], state[1], count, beta1: beta1, beta2: beta2,
        epsilon: epsilon, coupledDecay: 0, shrinkage: Float(1 - rate * weightDecay))
    }
  }

  private func descend(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ count: Int
  ) {
    let decay = Float(weightDecay)
    let rate = Float(rate)
    for index in 0..<count { w[index] -= rate * (g[index] + decay * w[index]) }
  }

  private func descend(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ v: UnsafeMutablePointer<Float>,
    _ count: Int, momentum: Float, isNesterov: Bool
  ) {
    // The step is `own·g + kept·v` for both kinds.
    wsl_momentum_step(
      w, g, v, Int64(count), Float(rate), Float(weightDecay), momentum, isNesterov ? 1 : 0,
      isNesterov ? momentum : 1)
  }

  private func adapt(
    _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ m: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, _ count: Int, beta1: Double, beta2: Double, epsilon: Double,
    coupledDecay: Float, shrinkage: Float
  ) {
    let adam = WSLAdam(
      beta1: Float(beta1), fresh1: Float(1 - beta1), beta2: Float(beta2),
      fresh2: Float(1 - beta2), step: Float(rate / (1 - power(beta1, number))),
      correction: Float(1 / (1 - power(beta2, number)).squareRoot()), epsilon: Float(epsilon),
      decay: coupledDecay, shrinkage: shrinkage)
    wsl_adam_step(w, g, m, v, Int64(count), adam)
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var factor = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}
