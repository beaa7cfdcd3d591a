import Phases
import Workbench
import Support

extension PhasesResult {
  /// The result of a map.
  init(
    source: String, table: PhaseTable, map: PhaseMap, options: PhaseMap.Options,
    warnings: [String]
  ) {
    self.source = source
    load = table.load
    temperature = table.temperature
    columns = Self.named(table.measures)
    let details = map.thresholdDetails
    thresholds = Thresholds(
      loss: map.thresholds.loss, connectivity: map.thresholds.connectivity,
      similarity: map.thresholds.similarity,
      found: details.filter { $0.isFound && $0.value != nil }.map { Self.short($0.measure) },
      intervals: details.reduce(into: [:]) { $0[Self.short($1.measure)] = $1.interval },
      separation: details.reduce(into: [:]) {
        $0[Self.short($1.measure)] = FiniteNumber($1.separation)
      })
    cells = map.cells.map { cell in
      func mean(_ measure: PhaseMeasure) -> Double? {
        cell.means[measure].flatMap { $0.isFinite ? $0 : nil }
      }
      return Cell(
        load: cell.load, temperature: cell.temperature, models: cell.models,
        trainLoss: mean(.trainLoss), hessianTopEigenvalue: mean(.hessianTopEigenvalue),
        hessianTrace: mean(.hessianTrace), connectivity: mean(.connectivity),
        similarity: mean(.similarity), testAccuracy: mean(.testAccuracy), phase: cell.phase,
        confidence: cell.confidence, probabilities: Self.named(cell.probabilities),
        intervals: Self.named(cell.intervals), reason: cell.reason)
    }
    phases = map.phases.map {
      Summary(
        phase: $0.phase, meaning: $0.phase.meaning, cells: $0.cells,
        testAccuracy: $0.testAccuracy, interval: $0.interval)
    }
    let coverage = map.coverage
    self.coverage = Coverage(
      phases: map.phases.reduce(into: [:]) { $0[$1.phase.rawValue] = $1.cells },
      gridCells: coverage.gridCells, cells: map.cells.count, decided: coverage.decided,
      uncertain: coverage.uncertain, missing: coverage.missing,
      runs: coverage.suggestions.map {
        Run(load: $0.load, temperature: $0.temperature, reason: $0.reason)
      })
    boundaries = map.boundaries.map { line in
      Line(
        measure: Self.short(line.measure),
        points: line.points.map {
          Line.Point(
            temperature: $0.temperature, load: $0.load, interval: $0.interval,
            support: $0.support)
        })
    }
    correlations = map.correlations.map {
      Rank(
        measure: $0.measure.rawValue, cells: $0.cells, spearman: FiniteNumber($0.spearman),
        interval: $0.interval)
    }
    predictions = map.predictions.map {
      Prediction(
        outcome: $0.outcome, cells: $0.cells, columns: FiniteNumber($0.columns),
        phase: FiniteNumber($0.phase), both: FiniteNumber($0.both), gain: FiniteNumber($0.gain),
        gainInterval: $0.gainInterval)
    }
    noise = map.noiseSource
    draws = options.draws
    seed = options.seed
    self.warnings = warnings
    leading = map.lead.map {
      LeadingPhase(
        phase: $0.phase, second: $0.second, lead: $0.lead, interval: $0.interval,
        probabilities: Self.named($0.probabilities))
    }
    trends = map.trends.map { trend in
      Trend(
        outcome: trend.outcome, cells: trend.cells, spearman: FiniteNumber(trend.spearman),
        interval: trend.interval,
        rows: trend.rows.map {
          Trend.Row(
            temperature: $0.temperature, mean: $0.mean, interval: $0.interval,
            share: FiniteNumber($0.share))
        })
    }
    best = map.best.map {
      BestCell(
        load: $0.load, temperature: $0.temperature, testAccuracy: $0.testAccuracy,
        phase: $0.phase, probabilities: Self.named($0.probabilities))
    }
  }

  /// The name of a threshold.
  private static func short(_ measure: PhaseMeasure) -> String {
    measure == .trainLoss ? "loss" : measure.rawValue
  }

  private static func named<Key: RawRepresentable<String>, Value>(
    _ values: [Key: Value]
  ) -> [String: Value] {
    Dictionary(values.map { ($0.key.rawValue, $0.value) }) { first, _ in first }
  }
}
