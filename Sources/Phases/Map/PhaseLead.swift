import LinearAlgebra

/// The phase whose cells have the best mean test accuracy, and how sure that is.
public struct PhaseLead: Sendable {
  /// The phase.
  public var phase: Phase
  /// The second best; nil where all cells are in one phase.
  public var second: Phase?
  /// By how much the mean of its cells is above that of the second best.
  public var lead: Double?
  /// The 95 % interval of that difference of the two phases, over the draws: cells change phases with them.
  public var interval: Interval?
  /// The share of the draws in which each phase has the best mean.
  public var probabilities: [Phase: Double]

  /// nil where no cell has both a phase and a test accuracy.
  init?(_ cells: [PhaseMap.Cell], draws: PhaseDraws) {
    let own = Self.means(cells.map(\.phase), cells.map { $0.means[.testAccuracy] })
    let ranked = own.sorted { ($0.value, $1.key.rawValue) > ($1.value, $0.key.rawValue) }
    guard let first = ranked.first else { return nil }
    phase = first.key
    second = ranked.dropFirst().first?.key
    lead = ranked.dropFirst().first.map { first.value - $0.value }
    let drawn = draws.all.map { draw in
      Self.means(draw.phases, draw.values.map { $0[.testAccuracy] })
    }
    let (phase, second) = (phase, second)
    interval = Interval(
      drawn.compactMap { means in
        guard let second, let best = means[phase], let next = means[second] else { return nil }
        return best - next
      })
    // Of equal means the first phase, so that a draw says the same every time.
    probabilities =
      drawn.compactMap { means in
        means.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
      }.shares
  }

  private static func means(_ phases: [Phase?], _ accuracies: [Double?]) -> [Phase: Double] {
    var values: [Phase: [Double]] = [:]
    for case (let phase?, let accuracy?) in zip(phases, accuracies) where accuracy.isFinite {
      values[phase, default: []].append(accuracy)
    }
    return values.compactMapValues(\.mean)
  }
}
