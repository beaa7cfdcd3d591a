import LinearAlgebra

/// Tells which run comes nearest to a phase that no cell has.
struct PhaseFrontier {
  private let grid: PhaseGrid
  private let cells: [PhaseMap.Cell]
  private let thresholds: PhaseThresholds
  private let scale: MeasureScale

  init(
    _ grid: PhaseGrid, cells: [PhaseMap.Cell], thresholds: PhaseThresholds, scale: MeasureScale
  ) {
    self.grid = grid
    self.cells = cells
    self.thresholds = thresholds
    self.scale = scale
  }

  /// The run beside the cell that is nearest to the phase, one step on along the axis with which the
  /// measure that is farthest from its threshold goes most.
  func run(towards phase: Phase) -> Coverage.Suggestion? {
    let spreads = PhaseMeasure.deciding.reduce(into: [PhaseMeasure: Double]()) { spreads, measure in
      let places = cells.compactMap { $0.means[measure] }.map { scale.value($0, of: measure) }
        .filter(\.isFinite).sorted()
      spreads[measure] = max(
        (places.sortedQuantile(0.9) ?? .nan) - (places.sortedQuantile(0.1) ?? .nan), 1e-9)
    }
    func gaps(_ cell: PhaseMap.Cell) -> [(measure: PhaseMeasure, gap: Double)] {
      PhaseMeasure.deciding.compactMap { measure in
        guard let sign = Self.side(of: measure, in: phase), let value = cell.means[measure],
          let threshold = thresholds.place(of: measure)
        else { return nil }
        let gap =
          sign * (scale.value(threshold, of: measure) - scale.value(value, of: measure))
          / (spreads[measure] ?? 1)
        return gap.isFinite && gap > 0 ? (measure, gap) : nil
      }
    }
    let ranked = cells.map { ($0, gaps($0)) }.filter { !$0.1.isEmpty }
      .min { $0.1.reduce(0) { $0 + $1.gap } < $1.1.reduce(0) { $0 + $1.gap } }
    guard let (cell, gaps) = ranked, let worst = gaps.max(by: { $0.gap < $1.gap }),
      let sign = Self.side(of: worst.measure, in: phase)
    else { return nil }
    let known = cells.filter { $0.means[worst.measure] != nil }
    let values = known.map { $0.means[worst.measure] ?? 0 }
    let byLoad = sign * RankCorrelation.spearman(known.map(\.load), values)
    let byTemperature = sign * RankCorrelation.spearman(known.map(\.temperature), values)
    var (load, temperature) = (cell.load, cell.temperature)
    if abs(byLoad) >= abs(byTemperature) {
      load = next(load, in: grid.loads, isUp: byLoad > 0)
    } else {
      temperature = next(temperature, in: grid.temperatures, isUp: byTemperature > 0)
    }
    return Coverage.Suggestion(
      load: load, temperature: temperature,
      reason: "no cell is in phase \(phase.rawValue); the nearest, at load \(cell.load.short) and "
        + "temperature \(cell.temperature.short), lacks "
        + "\(sign > 0 ? "a higher" : "a lower") \(worst.measure.title)")
  }

  /// On which side of the threshold a phase is: 1 above, −1 below; nil where it does not matter.
  private static func side(of measure: PhaseMeasure, in phase: Phase) -> Double? {
    switch measure {
    case .trainLoss: phase.hasHighLoss ? 1 : -1
    case .connectivity: phase.isConnected ? 1 : -1
    case .similarity: phase == .generalising ? 1 : phase == .overfitted ? -1 : nil
    default: nil
    }
  }

  /// The next value of an axis; beyond its end, one step as wide as the last.
  private func next(_ value: Double, in axis: [Double], isUp: Bool) -> Double {
    let further = isUp ? axis.first { $0 > value } : axis.last { $0 < value }
    if let further { return further }
    let neighbour = isUp ? axis.dropLast().last : axis.dropFirst().first
    guard let neighbour else { return isUp ? value * 2 : value / 2 }
    return GridAxis.isLogarithmic(axis) ? value * value / neighbour : 2 * value - neighbour
  }
}

extension Double {
  /// The number without a needless fraction.
  var short: String {
    Int(exactly: self).map(String.init) ?? description
  }
}
