import Foundation

/// The power law as WeightWatcher 0.7.7 fits it: all of its thresholds, and below 20 eigenvalues its
/// correction for few of them, with what becomes of it.
struct WeightWatcherFit {
  var alpha = -1.0
  var threshold = -1.0
  /// Nil where the fit failed.
  var maximum: Double?
  var distance = -1.0
  var sigma = -1.0
  var spikes = -1

  /// Whether there is a law.
  var succeeded: Bool { maximum != nil }

  /// `over-trained`, `under-trained` or nothing.
  var warning: String { alpha < 2 ? "over-trained" : alpha > 6 ? "under-trained" : "" }

  /// Fits eigenvalues, rising, that are above its absolute limit.
  init(_ eigenvalues: [Double]) {
    let data = eigenvalues.filter { $0 > 1e-5 }
    guard data.count >= 2, let last = data.last else { return }
    let logarithms = data.map { log($0) }
    let index: Int
    if data.count < 20 {
      index = fitFew(logarithms)
    } else {
      guard let best = PowerLawScan.best(logarithms) else { return }
      index = best.index
      (alpha, distance) = (best.alpha, best.distance)
      sigma = (alpha - 1) / Double(data.count - index).squareRoot()
    }
    maximum = last
    threshold = data[index]
    spikes = eigenvalues.count { $0 >= threshold }
  }

  /// Fewer than 20 values: α − 1 is corrected for its bias, tails have at least 8 values, and where
  /// there are fewer all are the tail, whose standard error is then computed from α = 0.
  private mutating func fitFew(_ logarithms: [Double]) -> Int {
    let count = logarithms.count
    var best = 0
    (alpha, distance) = (0, 1)
    logarithms.withUnsafeBufferPointer { logarithms in
      for index in 0..<max(1, count - 7) {
        let sum = logarithms[index...].reduce(0) { $0 + $1 - logarithms[index] }
        guard sum > 1e-12 else { continue }
        let corrected = 1 + Double(count - index - 1) / sum
        let far = PowerLawScan.distance(logarithms, from: index, alpha: corrected)
        if index == 0 || far < distance {
          (best, alpha, distance) = (index, corrected, far)
        }
      }
    }
    let known = count < 8 ? 0 : alpha
    sigma = (known - 1) / Double(count - best).squareRoot()
    return best
  }
}
