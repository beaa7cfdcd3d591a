import LinearAlgebra
import RealModule

/// How far shares that a probe gives are from how often it is right.
public struct Calibration: Sendable, Hashable {
  /// The models whose share lies in one tenth.
  public struct Bin: Sendable, Hashable {
    /// The smallest share.
    public var from: Double
    /// The share where the next bin begins.
    public var to: Double
    /// How many answers lie in it.
    public var count: Int
    /// The mean share that they were given; 0 where there are none.
    public var confidence: Double
    /// How many of them are right; 0 where there are none.
    public var accuracy: Double
  }

  /// The expected calibration error (Naeini et al. 2015): the mean distance between share and rightness,
  /// bins weighted by their answers.
  public var error: Double
  /// The reliability diagram: ten bins of equal width.
  public var bins: [Bin]

  /// Measures answers.
  ///
  /// - Parameters:
  ///   - confidences: the share given to what was answered, from 0 to 1.
  ///   - isRight: whether it was right.
  init(confidences: [Double], isRight: [Bool]) {
    var sums = Array(repeating: (count: 0, confidence: 0.0, right: 0.0), count: 10)
    for (confidence, right) in zip(confidences, isRight) where confidence.isFinite {
      let bin = min(9, max(0, Int(confidence * 10)))
      sums[bin].count += 1
      sums[bin].confidence += confidence
      sums[bin].right += right ? 1 : 0
    }
    let total = Double(max(1, sums.reduce(0) { $0 + $1.count }))
    error = sums.reduce(0) { $0 + abs($1.confidence - $1.right) } / total
    bins = sums.indices.map { index in
      let sum = sums[index]
      let count = Double(max(1, sum.count))
      return Bin(
        from: Double(index) / 10, to: Double(index + 1) / 10, count: sum.count,
        confidence: sum.confidence / count, accuracy: sum.right / count)
    }
  }

  /// The factor that scores are multiplied by so that their shares fit what is right best: the one of
  /// least loss (Guo et al. 2017), by golden sections of its logarithm.
  ///
  /// - Returns: 1 for numbers, or where there are no models.
  static func factor(_ scores: Matrix<Double>, _ targets: ProbeTargets, _ models: [Int]) -> Double {
    if case .numbers = targets { return 1 }
    guard !models.isEmpty else { return 1 }
    func loss(_ power: Double) -> Double {
      let factor = Double.exp(power)
      return ProbeLoss.evaluate(scores.mapped { $0 * factor }, targets, models).loss
    }
    let section = 0.618_033_988_749_895
    var (low, high) = (-7.0, 7.0)
    var (left, right) = (high - section * (high - low), low + section * (high - low))
    var (atLeft, atRight) = (loss(left), loss(right))
    for _ in 0..<40 {
      if atLeft <= atRight {
        (high, right, atRight) = (right, left, atLeft)
        left = high - section * (high - low)
        atLeft = loss(left)
      } else {
        (low, left, atLeft) = (left, right, atRight)
        right = low + section * (high - low)
        atRight = loss(right)
      }
    }
    return Double.exp((low + high) / 2)
  }
}
