import LinearAlgebra

/// How a measure ranks cells beside their test accuracy.
public struct Correlation: Sendable {
  /// The measure.
  public var measure: PhaseMeasure
  /// Over how many cells.
  public var cells: Int
  /// Spearman's coefficient.
  public var spearman: Double
  /// Its 95 % interval over the draws.
  public var interval: Interval?

  static func all(_ cells: [PhaseMap.Cell], draws: PhaseDraws) -> [Correlation] {
    PhaseMeasure.allCases.filter { $0 != .testAccuracy }.compactMap { measure in
      let pairs = cells.compactMap { pair(measure, $0.means) }
      guard pairs.count >= 3 else { return nil }
      return Correlation(
        measure: measure, cells: pairs.count, spearman: spearman(pairs),
        interval: Interval(
          draws.all.map { draw in spearman(draw.values.compactMap { pair(measure, $0) }) }))
    }
  }

  private static func pair(
    _ measure: PhaseMeasure, _ values: [PhaseMeasure: Double]
  ) -> (Double, Double)? {
    guard let value = values[measure], let accuracy = values[.testAccuracy] else { return nil }
    return (value, accuracy)
  }

  private static func spearman(_ pairs: [(Double, Double)]) -> Double {
    RankCorrelation.spearman(pairs.map(\.0), pairs.map(\.1))
  }
}

/// The cell of the best test accuracy.
public struct Best: Sendable {
  /// Its load.
  public var load: Double
  /// Its temperature.
  public var temperature: Double
  /// Its test accuracy.
  public var testAccuracy: Double
  /// Its phase.
  public var phase: Phase?
  /// The share of the draws in which the best cell of the draw is in each phase.
  public var probabilities: [Phase: Double]

  init?(_ cells: [PhaseMap.Cell], draws: PhaseDraws) {
    guard
      let best = cells.filter({ $0.means[.testAccuracy] != nil }).max(by: {
        ($0.means[.testAccuracy] ?? 0) < ($1.means[.testAccuracy] ?? 0)
      }), let accuracy = best.means[.testAccuracy]
    else { return nil }
    (load, temperature, testAccuracy, phase) = (
      best.load, best.temperature, accuracy, best.phase
    )
    probabilities =
      draws.all.compactMap { draw -> Phase? in
        let known = draw.values.indices.filter { draw.values[$0][.testAccuracy] != nil }
        return known.max {
          (draw.values[$0][.testAccuracy] ?? 0) < (draw.values[$1][.testAccuracy] ?? 0)
        }.flatMap { draw.phases[$0] }
      }.shares
  }
}

extension [Phase] {
  /// The share of each phase.
  var shares: [Phase: Double] {
    reduce(into: [Phase: Int]()) { $0[$1, default: 0] += 1 }
      .mapValues { Double($0) / Double(count) }
  }
}
