/// A line of the map at which a measure crosses its threshold.
public struct Boundary: Sendable {
  /// Where the line crosses a row of the map: one temperature.
  public struct Point: Sendable {
    /// The row.
    public var temperature: Double
    /// The load at which the measure is at its threshold, between cells by their distance.
    public var load: Double
    /// The 95 % interval of the load over the draws; nil of fewer than ten.
    public var interval: Interval?
    /// The share of the draws in which the measure crosses in this row.
    public var support: Double
  }

  /// The measure.
  public var measure: PhaseMeasure
  /// Its points, by temperature; a row may have several.
  public var points: [Point]

  /// The lines of all thresholds. The similarity's runs only between cells of phase IV.
  static func lines(
    _ grid: PhaseGrid, means: [[PhaseMeasure: Double]], thresholds: PhaseThresholds,
    scale: MeasureScale, draws: PhaseDraws
  ) -> [Boundary] {
    PhaseMeasure.deciding.compactMap { measure in
      guard thresholds.place(of: measure) != nil else { return nil }
      var points: [Point] = []
      for temperature in grid.temperatures {
        let row = grid.loads.compactMap { grid.index(load: $0, temperature: temperature) }
        let own = crossings(row, grid, measure, means, thresholds, scale)
        guard !own.isEmpty else { continue }
        let drawn = draws.all.map {
          crossings(row, grid, measure, $0.values, $0.thresholds, scale)
        }
        for place in own {
          // Each draw answers with its crossing nearest to this one.
          let nearest = drawn.compactMap { places in
            places.min { abs($0 - place) < abs($1 - place) }
          }
          let interval = Interval(nearest.map { GridAxis.value($0, in: grid.loads) })
          points.append(
            Point(
              temperature: temperature, load: GridAxis.value(place, in: grid.loads),
              interval: interval,
              support: drawn.isEmpty ? 0 : Double(nearest.count) / Double(drawn.count)))
        }
      }
      return Boundary(measure: measure, points: points)
    }
  }

  /// Where a measure crosses its threshold along a row, on the axis of loads.
  private static func crossings(
    _ row: [Int], _ grid: PhaseGrid, _ measure: PhaseMeasure, _ values: [[PhaseMeasure: Double]],
    _ thresholds: PhaseThresholds, _ scale: MeasureScale
  ) -> [Double] {
    guard let threshold = thresholds.place(of: measure) else { return [] }
    let level = scale.value(threshold, of: measure)
    return zip(row, row.dropFirst()).compactMap { left, right in
      guard let a = values[left][measure], let b = values[right][measure] else { return nil }
      if measure == .similarity {
        for cell in [left, right] {
          guard let phase = thresholds.phase({ values[cell][$0] }).phase,
            !phase.hasHighLoss, phase.isConnected
          else { return nil }
        }
      }
      let (low, high) = (scale.value(a, of: measure), scale.value(b, of: measure))
      guard low.isFinite, high.isFinite, (low < level) != (high < level) else { return nil }
      let share = (level - low) / (high - low)
      let (x, y) = (
        GridAxis.place(grid.cells[left].load, in: grid.loads),
        GridAxis.place(grid.cells[right].load, in: grid.loads)
      )
      return x + share * (y - x)
    }
  }
}
