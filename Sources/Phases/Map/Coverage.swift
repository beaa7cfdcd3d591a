/// How well a zoo covers the phases, and which runs would fill what is missing.
public struct Coverage: Sendable {
  /// A run, or some, that would help.
  public struct Suggestion: Sendable {
    /// The load; nil where the run is at several.
    public var load: Double
    /// The temperature.
    public var temperature: Double
    /// Why.
    public var reason: String
  }

  /// The cells that a full grid of the loads and temperatures has.
  public var gridCells: Int
  /// The cells that have a phase.
  public var decided: Int
  /// The cells whose phase has less than four draws in five.
  public var uncertain: Int
  /// The phases without a cell.
  public var missing: [Phase]
  /// The runs to add: of missing phases first, then holes, then seeds of uncertain cells.
  public var suggestions: [Suggestion]

  init(
    _ grid: PhaseGrid, cells: [PhaseMap.Cell], thresholds: PhaseThresholds, scale: MeasureScale
  ) {
    gridCells = grid.loads.count * grid.temperatures.count
    decided = cells.count { $0.phase != nil }
    let unsure = cells.filter { ($0.confidence ?? 1) < 0.8 }
    uncertain = unsure.count
    let present = Set(cells.compactMap(\.phase))
    missing = Phase.allCases.filter { !present.contains($0) }
    let frontier = PhaseFrontier(grid, cells: cells, thresholds: thresholds, scale: scale)
    suggestions = missing.compactMap { frontier.run(towards: $0) }
    for temperature in grid.temperatures {
      for load in grid.loads where grid.index(load: load, temperature: temperature) == nil {
        suggestions.append(
          Suggestion(load: load, temperature: temperature, reason: "the grid has a hole here"))
      }
    }
    for cell in cells {
      if let reason = cell.reason {
        suggestions.append(
          Suggestion(load: cell.load, temperature: cell.temperature, reason: reason))
      }
    }
    for cell in unsure.sorted(by: { ($0.confidence ?? 1) < ($1.confidence ?? 1) }) {
      let percent = Int(((cell.confidence ?? 0) * 100).rounded())
      suggestions.append(
        Suggestion(
          load: cell.load, temperature: cell.temperature,
          reason: "phase \(cell.phase?.rawValue ?? "") is \(percent) % sure: add seeds"))
    }
  }
}
