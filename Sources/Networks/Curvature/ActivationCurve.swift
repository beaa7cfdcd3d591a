import Foundation
import ModelGraph

/// The first and second derivatives of a function of elements. At a kink they are those of one side, as
/// frameworks take them.
struct ActivationCurve {
  private let activation: Activation
  private let pieces: PiecewiseFunction?

  /// The derivatives of an activation; nil where it is no function of elements.
  init?(_ activation: Activation) {
    if activation == .softmax || activation == .linear { return nil }
    self.activation = activation
    pieces = PiecewiseFunction(activation)
  }

  /// The derivatives at a point, in Float64.
  func derivatives(at x: Double) -> (first: Double, second: Double) {
    switch activation {
    case .tanh:
      let y = Foundation.tanh(x)
      return (1 - y * y, -2 * y * (1 - y * y))
    case .sigmoid:
      let s = sigmoid(x)
      return (s * (1 - s), s * (1 - s) * (1 - 2 * s))
    case .softplus:
      let s = sigmoid(x)
      return (s, s * (1 - s))
    case .exponential:
      let y = exp(x)
      return (y, y)
    case .silu:
      let s = sigmoid(x)
      let slope = s * (1 - s)
      return (s + x * slope, slope * (2 + x * (1 - 2 * s)))
    case .quickGelu:
      let s = sigmoid(1.702 * x)
      let slope = 1.702 * s * (1 - s)
      return (s + x * slope, slope * (2 + 1.702 * x * (1 - 2 * s)))
    case .mish:
      // The tanh t of softplus has the derivative (1 − t²)·s.
      let s = sigmoid(x)
      let t = Foundation.tanh(x > 30 ? x : log1p(exp(x)))
      let slope = (1 - t * t) * s
      return (t + x * slope, 2 * slope + x * (slope * (1 - s) - 2 * t * slope * s))
    case .hardSilu:
      return x <= -3 ? (0, 0) : x >= 3 ? (1, 0) : (x / 3 + 0.5, 1.0 / 3)
    case .squareRoot:
      let root = x.squareRoot()
      return (0.5 / root, -0.25 / (x * root))
    case .squaredRelu: return x > 0 ? (2 * x, 2) : (0, 0)
    case .gelu(approximate: false):
      let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      return (erfc(-x / 2.0.squareRoot()) / 2 + x * density, density * (2 - x * x))
    case .gelu(approximate: true):
      let (scale, cubic) = ((2 / Double.pi).squareRoot(), 0.044715)
      let t = Foundation.tanh(scale * (x + cubic * x * x * x))
      let slope = scale * (1 + 3 * cubic * x * x)
      let curve = scale * 6 * cubic * x
      let rest = 1 - t * t
      return (
        0.5 * (1 + t) + 0.5 * x * rest * slope,
        rest * slope + 0.5 * x * (rest * curve - 2 * t * rest * slope * slope)
      )
    case .elu(let alpha): return x > 0 ? (1, 0) : (alpha * exp(x), alpha * exp(x))
    case .selu:
      let (scale, alpha) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2)
      return x > 0 ? (scale, 0) : (scale * alpha * exp(x), scale * alpha * exp(x))
    case .relu: return (x > 0 ? 1 : 0, 0)
    case .clippedRelu(let maximum): return (x > 0 && x < maximum ? 1 : 0, 0)
    case .leakyRelu(let slope): return (x > 0 ? 1 : slope, 0)
    case .hardSigmoid, .legacyHardSigmoid, .softmax, .linear:
      return (Double(pieces?.derivative(at: Float(x)) ?? 1), 0)
    }
  }

  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
