import Foundation

/// The search for the threshold of a power law, over the logarithms of the data.
enum PowerLawScan {
  /// A threshold, by the index of its eigenvalue, and the law above it.
  struct Candidate {
    var index: Int
    var alpha: Double
    var distance: Double
  }

  /// The threshold with the least distance, the first of equals; nil for fewer than two points.
  ///
  /// - Parameter logarithms: of the data, rising.
  /// - Complexity: O(n²) at worst. A threshold is given up at the first point whose distance is above
  ///   the best so far; a coarse pass first makes that likely.
  static func best(_ logarithms: [Double]) -> Candidate? {
    let count = logarithms.count
    guard count >= 2 else { return nil }
    return logarithms.withUnsafeBufferPointer { logarithms in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { alphas in
        var tail = logarithms[count - 1]
        alphas[count - 1] = .nan
        for index in (0..<count - 1).reversed() {
          tail += logarithms[index]
          let number = Double(count - index)
          alphas[index] = 1 + number / (tail - number * logarithms[index])
        }
        var best = Candidate(index: 0, alpha: .nan, distance: .infinity)
        let coarse = max(1, count / 24)
        for pass in 0..<2 {
          for index in stride(from: 0, to: count - 1, by: pass == 0 ? coarse : 1) {
            if pass == 1, index % coarse == 0 { continue }
            let distance = distance(
              logarithms, from: index, alpha: alphas[index], above: best.distance)
            if distance < best.distance || distance == best.distance && index < best.index {
              best = Candidate(index: index, alpha: alphas[index], distance: distance)
            }
          }
        }
        return best
      }
    }
  }

  /// The largest difference between the law's distribution and the data's, by the lower step, over
  /// the tail from an index on. Infinite as soon as it is known to be above a limit; 1 where α is no
  /// exponent of a law.
  static func distance(
    _ logarithms: UnsafeBufferPointer<Double>, from start: Int, alpha: Double,
    above limit: Double = .infinity
  ) -> Double {
    guard alpha > 1 else { return 1 }
    let count = logarithms.count - start
    let share = 1 / Double(count)
    // All points are equal: the law has no tail.
    guard alpha.isFinite else { return 1 - share }
    let origin = logarithms[start]
    let slope = 1 - alpha
    func difference(_ offset: Int) -> Double {
      abs(-expm1(slope * (logarithms[start + offset] - origin)) - Double(offset) * share)
    }
    // A few points far from each other rule most thresholds out.
    if count > 64, limit.isFinite {
      for offset in stride(from: 0, to: count, by: count / 16) where difference(offset) > limit {
        return .infinity
      }
    }
    var largest = 0.0
    for offset in 0..<count {
      largest = max(largest, difference(offset))
      if largest > limit { return .infinity }
    }
    return largest
  }
}
