import Foundation
import ModelGraph

/// An activation that oneDNN 2.6 does not have: made of pieces, each a formula of its own, of
/// exponentials, or a root.
struct PiecewiseFunction {
  private enum Kind {
    /// `slope·x + offset`, kept between 0 and 1.
    case ramp(slope: Float, offset: Float)
    /// `scale·x` above 0, `scale·alpha·(exp(x) − 1)` below.
    case exponential(scale: Float, alpha: Float)
    /// `x` above 0, `slope·x` below.
    case leaky(slope: Float)
    /// `x` times the ramp of slope 1/6.
    case hardSilu
    /// The square of what is above 0.
    case squared
    /// `x·tanh(log(1 + exp(x)))`.
    case mish
    /// The square root.
    case root
  }

  private let kind: Kind

  /// The function for an activation; nil where oneDNN has it, or it is no function of elements.
  init?(_ activation: Activation) {
    switch activation {
    case .hardSigmoid: kind = .ramp(slope: 1 / 6, offset: 0.5)
    case .legacyHardSigmoid: kind = .ramp(slope: 0.2, offset: 0.5)
    // Klambauer et al., "Self-normalizing neural networks", 2017, equation 14.
    case .selu: kind = .exponential(scale: 1.050_700_987, alpha: 1.673_263_242)
    case .elu(let alpha): kind = .exponential(scale: 1, alpha: Float(alpha))
    case .leakyRelu(let slope): kind = .leaky(slope: Float(slope))
    case .hardSilu: kind = .hardSilu
    case .squaredRelu: kind = .squared
    case .mish: kind = .mish
    case .squareRoot: kind = .root
    default: return nil
    }
  }

  /// The value at a point.
  func callAsFunction(_ x: Float) -> Float {
    switch kind {
    case .ramp(let slope, let offset): (slope * x + offset).clipped(to: 1)
    case .exponential(let scale, let alpha): scale * (x > 0 ? x : alpha * expm1f(x))
    case .leaky(let slope): x > 0 ? x : slope * x
    case .hardSilu: x * (x / 6 + 0.5).clipped(to: 1)
    case .squared: x * x.clipped(to: .infinity)
    case .mish: x * tanhf(PiecewiseFunction.softplus(x))
    case .root: x.squareRoot()
    }
  }

  /// The slope at a point.
  func derivative(at x: Float) -> Float {
    switch kind {
    case .ramp(let slope, let offset):
      (0...1).contains(slope * x + offset) ? slope : 0
    case .exponential(let scale, let alpha): scale * (x > 0 ? 1 : alpha * expf(x))
    case .leaky(let slope): x > 0 ? 1 : slope
    case .hardSilu: x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5
    case .squared: 2 * x.clipped(to: .infinity)
    case .mish:
      { (t: Float) in t + x * (1 - t * t) / (1 + expf(-x)) }(
        tanhf(PiecewiseFunction.softplus(x)))
    case .root: 0.5 / x.squareRoot()
    }
  }

  private static func softplus(_ x: Float) -> Float { x > 20 ? x : log1pf(expf(x)) }
}

extension Float {
  /// The number kept between 0 and a maximum. NaN stays NaN, which `min` and `max` may lose.
  func clipped(to maximum: Float) -> Float {
    if self <= 0 { return 0 }
    return self > maximum ? maximum : self
  }
}
