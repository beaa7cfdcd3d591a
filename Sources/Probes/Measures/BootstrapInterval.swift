import LinearAlgebra

/// A mean with a 95 % interval.
public struct ProbeFigure: Sendable, Hashable {
  /// The figure itself: of all folds together, the mean over seeds.
  public var mean: Double
  /// The lower bound of the interval.
  public var low: Double
  /// The upper bound.
  public var high: Double
  /// The figure of each fold and seed.
  public var folds: [Double]
}

/// 95 % intervals by the percentile bootstrap (Efron 1979): models are drawn again with replacement, a
/// group (a tree, a lineage) as a whole, and for each draw one of the seeds.
struct BootstrapInterval {
  private let groups: [[Int]]
  private let draws: Int

  /// Prepares a bootstrap.
  ///
  /// - Parameter groups: the group of each item.
  init(groups: [Int], draws: Int = 1000) {
    self.groups = Dictionary(grouping: groups.indices) { groups[$0] }
      .sorted { $0.key < $1.key }.map(\.value)
    self.draws = draws
  }

  /// The bounds of a statistic.
  ///
  /// - Parameters:
  ///   - seeds: how many repetitions there are.
  ///   - statistic: the figure of some items in one repetition; not a number is left out.
  /// - Complexity: `draws` calls.
  func bounds(seeds: Int, seed: UInt64 = 0, _ statistic: ([Int], Int) -> Double) -> (
    low: Double, high: Double
  ) {
    var generator = SeededGenerator(seed: seed)
    var found: [Double] = []
    guard !groups.isEmpty, seeds > 0 else { return (.nan, .nan) }
    for _ in 0..<draws {
      let repetition = generator.integer(below: seeds)
      var items: [Int] = []
      for _ in groups { items += groups[generator.integer(below: groups.count)] }
      let value = statistic(items, repetition)
      if value.isFinite { found.append(value) }
    }
    found.sort()
    return (found.sortedQuantile(0.025) ?? .nan, found.sortedQuantile(0.975) ?? .nan)
  }
}
