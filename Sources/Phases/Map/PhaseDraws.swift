import Foundation
import LinearAlgebra
import WorkbenchCore

/// The zoo drawn again many times: the seeds of every cell and, where thresholds are found, how much each
/// cell counts for them (the Bayesian bootstrap, Rubin 1981: a small phase is never left out whole).
struct PhaseDraws {
  /// One draw.
  struct Draw: Sendable {
    var values: [[PhaseMeasure: Double]]
    var thresholds: PhaseThresholds
    var phases: [Phase?]
  }

  /// What the draws say of a cell.
  struct CellDraws {
    var intervals: [PhaseMeasure: Interval]
    var probabilities: [Phase: Double]
  }

  let all: [Draw]

  init(
    _ grid: PhaseGrid, noise: CellNoise, scale: MeasureScale, thresholds: PhaseThresholds,
    measures: [PhaseMeasure], options: PhaseMap.Options
  ) throws {
    let finds = measures.contains { options.thresholds.value(of: $0) == nil }
    let search = ThresholdSearch(scale: scale, given: options.thresholds, limit: 32)
    let root = SeededGenerator(seed: options.seed)
    all = try Parallel.map(count: max(0, options.draws), jobs: options.jobs) { number in
      var generator = root.derived(UInt64(number))
      let values = grid.cells.map { noise.draw($0, &generator) }
      var own = thresholds
      if finds {
        let weights = values.map { _ in -log(1 - generator.uniform()) }
        own = search.best(values, measures: measures, weights: weights) ?? thresholds
        if own.loss == nil { own = thresholds }
      }
      return Draw(
        values: values, thresholds: own,
        phases: values.map { cell in own.phase { cell[$0] }.phase })
    }
  }

  func cell(_ index: Int) -> CellDraws {
    var intervals: [PhaseMeasure: Interval] = [:]
    for measure in PhaseMeasure.allCases {
      intervals[measure] = Interval(all.compactMap { $0.values[index][measure] })
    }
    let phases = all.compactMap { $0.phases[index] }
    let counts = phases.reduce(into: [Phase: Double]()) { $0[$1, default: 0] += 1 }
    return CellDraws(
      intervals: intervals, probabilities: counts.mapValues { $0 / Double(phases.count) })
  }

  /// The interval of a phase's mean test accuracy.
  func accuracy(of phase: Phase) -> Interval? {
    Interval(
      all.compactMap { draw in
        zip(draw.phases, draw.values).compactMap { $0 == phase ? $1[.testAccuracy] : nil }.mean
      })
  }

  func threshold(_ measure: PhaseMeasure) -> Interval? {
    Interval(all.compactMap { $0.thresholds.value(of: measure) })
  }
}
