import RealModule

/// Functions that turn scores into shares, safe for large numbers.
enum ScoreMath {
  /// 1 / (1 + e⁻ˣ).
  static func sigmoid(_ score: Double) -> Double {
    let small = Double.exp(-abs(score))
    return score >= 0 ? 1 / (1 + small) : small / (1 + small)
  }

  /// ln(1 + eˣ).
  static func softplus(_ score: Double) -> Double {
    max(score, 0) + Double.log(onePlus: Double.exp(-abs(score)))
  }

  /// eˣ over the sum of all.
  static func softmax(_ scores: [Double]) -> [Double] {
    let largest = scores.max() ?? 0
    let powers = scores.map { Double.exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// The logarithms of `softmax`.
  static func logSoftmax(_ scores: [Double]) -> [Double] {
    let largest = scores.max() ?? 0
    let sum = scores.reduce(0) { $0 + Double.exp($1 - largest) }
    return scores.map { $0 - largest - Double.log(sum) }
  }

  /// The place of the largest score; the first among equals.
  static func best(_ scores: some Collection<Double>) -> Int {
    var (place, largest) = (0, -Double.infinity)
    for (at, score) in scores.enumerated() where score > largest { (place, largest) = (at, score) }
    return place
  }
}
