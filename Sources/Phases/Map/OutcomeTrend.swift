import LinearAlgebra

/// How a further result of a zoo, such as what averaging gains, goes with the temperature.
public struct OutcomeTrend: Sendable {
  /// The cells of one temperature.
  public struct Row: Sendable {
    /// The temperature.
    public var temperature: Double
    /// The mean over its cells.
    public var mean: Double
    /// Its 95 % interval; nil where too little was drawn.
    public var interval: Interval?
    /// The share of the draws in which the mean of these cells is the largest of all temperatures.
    public var share: Double
  }

  /// The result.
  public var outcome: String
  /// How many cells.
  public var cells: Int
  /// Spearman's coefficient of the cells' means with the column of the temperature.
  public var spearman: Double
  /// Its 95 % interval.
  public var interval: Interval?
  /// The temperatures, lowest number first.
  public var rows: [Row]

  /// The trends of all further results of a grid that vary.
  ///
  /// Cells are drawn again within each temperature, and models within each cell drawn, so that the intervals
  /// are of other loads and other seeds.
  ///
  /// - Complexity: O(draws · models) each.
  static func all(_ grid: PhaseGrid, draws: Int, seed: UInt64) -> [OutcomeTrend] {
    let names = Set(grid.cells.flatMap { $0.models.flatMap(\.outcomes.keys) }).sorted()
    return names.compactMap { OutcomeTrend($0, grid, draws: draws, seed: seed) }
  }

  /// nil of fewer than 10 cells or of one temperature, or where the result does not vary.
  private init?(_ outcome: String, _ grid: PhaseGrid, draws: Int, seed: UInt64) {
    let cells = grid.cells.map { cell in
      (
        temperature: cell.temperature,
        values: cell.models.compactMap { $0.outcomes[outcome] }.filter(\.isFinite)
      )
    }.filter { !$0.values.isEmpty }
    let groups = Dictionary(grouping: cells.map { ($0.temperature, $0.values) }, by: \.0)
    let temperatures = groups.keys.sorted()
    let means = cells.map { $0.values.mean ?? 0 }
    guard cells.count >= 10, temperatures.count > 1, means.contains(where: { $0 != means[0] })
    else {
      return nil
    }
    var generator = SeededGenerator(seed: seed)
    var drawnMeans = temperatures.map { _ in [Double]() }
    var coefficients: [Double] = []
    for _ in 0..<draws {
      var pairs: [(temperature: Double, mean: Double)] = []
      for (place, temperature) in temperatures.enumerated() {
        let group = groups[temperature] ?? []
        let drawn = group.map { _ -> Double in
          let values = group[generator.integer(below: group.count)].1
          return values.map { _ in values[generator.integer(below: values.count)] }.mean ?? 0
        }
        drawnMeans[place].append(drawn.mean ?? 0)
        pairs += drawn.map { (temperature, $0) }
      }
      coefficients.append(RankCorrelation.spearman(pairs.map(\.temperature), pairs.map(\.mean)))
    }
    self.outcome = outcome
    self.cells = cells.count
    spearman = RankCorrelation.spearman(cells.map(\.temperature), means)
    interval = Interval(coefficients)
    let winners = (0..<draws).map { draw in
      temperatures.indices.max { drawnMeans[$0][draw] < drawnMeans[$1][draw] }
    }
    rows = temperatures.enumerated().map { place, temperature in
      Row(
        temperature: temperature,
        mean: (groups[temperature] ?? []).compactMap { $0.1.mean }.mean ?? 0,
        interval: Interval(drawnMeans[place]),
        share: draws > 0 ? Double(winners.count { $0 == place }) / Double(draws) : .nan)
    }
  }
}
