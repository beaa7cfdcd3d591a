import Foundation

/// How the learning rate changes while training.
public enum Schedule: Sendable, Hashable {
  /// It stays.
  case constant
  /// It is multiplied by `factor` every so many epochs.
  case step(epochs: Int, factor: Double)
  /// It falls along half a cosine, batch by batch, to `final` of itself (Loshchilov and Hutter,
  /// 2017, one period).
  case cosine(final: Double = 0)
  /// It rises along a cosine from `peak / 25` for the first `rising` of the steps and falls to
  /// `peak / 250 000` (Smith and Topin, 2019; the shape that PyTorch's OneCycleLR has).
  case oneCycle(rising: Double = 0.3)

  /// The learning rate of a step.
  ///
  /// - Parameters:
  ///   - base: the rate that the user asked for; the peak of one cycle.
  ///   - step: the number of the step, from 0.
  ///   - stepsPerEpoch: how many steps an epoch has.
  ///   - epochs: how many epochs there are.
  func rate(base: Double, step: Int, stepsPerEpoch: Int, epochs: Int) -> Double {
    let total = max(1, stepsPerEpoch * epochs)
    switch self {
    case .constant: return base
    case .step(let period, let factor):
      return base * pow(factor, Double(step / max(1, stepsPerEpoch) / max(1, period)))
    case .cosine(let final):
      return base * (final + (1 - final) * (1 + cos(.pi * Double(step) / Double(total))) / 2)
    case .oneCycle(let rising):
      let turn = max(1, rising * Double(total) - 1)
      let position = Double(step)
      if position <= turn { return ease(from: base / 25, to: base, position / turn) }
      let rest = max(1, Double(total) - 1 - turn)
      return ease(from: base, to: base / 250_000, (position - turn) / rest)
    }
  }

  private func ease(from start: Double, to end: Double, _ share: Double) -> Double {
    end + (start - end) * (1 + cos(.pi * min(1, share))) / 2
  }
}
