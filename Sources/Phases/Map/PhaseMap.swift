import LinearAlgebra
import Support

/// The phases of a zoo: a phase for every cell of a grid of load and temperature, with how sure it is.
public struct PhaseMap: Sendable {
  /// The thresholds.
  public var thresholds: PhaseThresholds
  /// The thresholds one by one.
  public var thresholdDetails: [Threshold]
  /// The cells, by temperature and then by load.
  public var cells: [Cell]
  /// All five phases.
  public var phases: [Summary]
  /// Where deviations of cells of one model come from: `seeds`, `neighbours` or `none`.
  public var noiseSource: String
  /// The lines at which measures cross their thresholds.
  public var boundaries: [Boundary]
  /// How well the zoo covers the phases.
  public var coverage: Coverage
  /// How measures rank with test accuracy.
  public var correlations: [Correlation]
  /// The best cell and its phase.
  public var best: Best?
  /// What the phase tells of each further result, beside load and temperature.
  public var predictions: [PhasePrediction]
  /// The phase of the best mean test accuracy.
  public var lead: PhaseLead?
  /// How further results go with the temperature.
  public var trends: [OutcomeTrend]
  /// What is odd about the zoo, a line each.
  public var warnings: [String]

  /// Makes the map.
  ///
  /// - Parameter models: models whose load and temperature are finite; others are left out.
  /// - Throws: `Diagnostic` of code `badData` where thresholds cannot be found.
  /// - Complexity: O(draws · (n + 32³)).
  public init(_ models: [PhaseModel], options: Options = Options()) throws {
    let grid = PhaseGrid(models)
    guard !grid.cells.isEmpty else {
      throw Diagnostic(
        .badData, "no model has a load and a temperature",
        remedy: "name columns of numbers that differ between models")
    }
    let point = options.point ?? Self.point(of: grid)
    let scale = MeasureScale(point: point)
    let means = grid.cells.map { cell in
      PhaseMeasure.allCases.reduce(into: [PhaseMeasure: Double]()) { $0[$1] = cell.mean($1) }
    }
    let measures = PhaseMeasure.deciding.filter { measure in means.contains { $0[measure] != nil } }
    let thresholds = try Self.thresholds(means, measures: measures, scale: scale, options)
    let noise = CellNoise(grid, scale: scale)
    let draws = try PhaseDraws(
      grid, noise: noise, scale: scale, thresholds: thresholds, measures: measures, options: options
    )
    self.thresholds = thresholds
    noiseSource = noise.source.rawValue
    cells = grid.cells.indices.map { index in
      Self.cell(grid.cells[index], means[index], draws.cell(index), thresholds, noise)
    }
    let phases = cells.map(\.phase)
    self.phases = Phase.allCases.map { phase in
      let accuracies = zip(phases, means).compactMap {
        $0 == phase ? $1[.testAccuracy] : nil
      }
      return Summary(
        phase: phase, cells: phases.count { $0 == phase }, testAccuracy: accuracies.mean,
        interval: draws.accuracy(of: phase))
    }
    thresholdDetails = PhaseMeasure.deciding.map { measure in
      let value = thresholds.value(of: measure)
      let isFound = options.thresholds.value(of: measure) == nil
      let judged = zip(phases, means).filter { phase, _ in
        measure != .similarity || phase == .overfitted || phase == .generalising
      }.compactMap { $1[measure] }
      return Threshold(
        measure: measure, value: value, isFound: isFound,
        interval: isFound ? draws.threshold(measure) : nil,
        separation: thresholds.place(of: measure).map {
          ThresholdSearch(scale: scale, given: thresholds, limit: 1)
            .separation(judged, of: measure, at: $0)
        } ?? .nan)
    }
    boundaries = Boundary.lines(
      grid, means: means, thresholds: thresholds, scale: scale, draws: draws)
    coverage = Coverage(grid, cells: cells, thresholds: thresholds, scale: scale)
    correlations = Correlation.all(cells, draws: draws)
    best = Best(cells, draws: draws)
    lead = PhaseLead(cells, draws: draws)
    trends = OutcomeTrend.all(grid, draws: options.draws, seed: options.seed)
    predictions = PhasePrediction.all(grid, cells: cells, scale: scale, seed: options.seed)
    warnings = []
    warnings = Self.warnings(self, measures: measures, noise: noise)
  }

  /// One point of accuracy: 0.01 where all connectivities are shares.
  private static func point(of grid: PhaseGrid) -> Double {
    let accuracies = grid.cells.flatMap { $0.values(.testAccuracy) }
    let judged =
      accuracies.isEmpty
      ? grid.cells.flatMap { $0.values(.connectivity).map(\.magnitude) } : accuracies
    return (judged.max() ?? 100) <= 1 ? 0.01 : 1
  }

  private static func thresholds(
    _ means: [[PhaseMeasure: Double]], measures: [PhaseMeasure], scale: MeasureScale,
    _ options: Options
  ) throws -> PhaseThresholds {
    guard measures.contains(.trainLoss) else {
      throw Diagnostic(
        .badData, "no cell has a train loss", remedy: "every phase is told by it: name its column")
    }
    let missing = measures.filter { options.thresholds.value(of: $0) == nil }
    guard !missing.isEmpty else { return options.thresholds }
    let search = ThresholdSearch(scale: scale, given: options.thresholds, limit: 96)
    let complete = means.count { cell in measures.allSatisfy { cell[$0] != nil } }
    guard complete >= 10, let found = search.best(means, measures: measures) else {
      throw Diagnostic(
        .badData,
        "\(complete) cells have all of \(measures.map(\.title).joined(separator: ", ")), and "
          + "thresholds are found from 10 up", remedy: "give the thresholds, or more cells")
    }
    guard found.loss != nil else {
      throw Diagnostic(
        .badData, "the train loss is the same in all cells", remedy: "give its threshold")
    }
    return found
  }

  private static func cell(
    _ cell: PhaseGrid.Cell, _ means: [PhaseMeasure: Double], _ drawn: PhaseDraws.CellDraws,
    _ thresholds: PhaseThresholds, _ noise: CellNoise
  ) -> Cell {
    let outcome = thresholds.phase { means[$0] }
    var reason: String?
    if case .missing(let measure) = outcome {
      reason = "the \(measure.title) is missing or not a number"
    }
    let drawable = PhaseMeasure.deciding.allSatisfy { measure in
      means[measure] == nil || noise.canDraw(cell, measure)
    }
    let isSure = drawable && outcome.phase != nil
    return Cell(
      load: cell.load, temperature: cell.temperature, models: cell.models.count, means: means,
      intervals: drawn.intervals.filter { noise.canDraw(cell, $0.key) }, phase: outcome.phase,
      confidence: isSure ? outcome.phase.flatMap { drawn.probabilities[$0] ?? 0 } : nil,
      probabilities: isSure ? drawn.probabilities : [:], reason: reason)
  }
}
