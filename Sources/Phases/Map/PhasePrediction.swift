import LinearAlgebra

/// Whether the phase tells a result of the zoo better than load and temperature alone: how well a linear
/// model predicts the means of cells that it has not seen, in ten folds of whole cells.
public struct PhasePrediction: Sendable {
  /// The result: `testAccuracy`, or a further column.
  public var outcome: String
  /// How many cells.
  public var cells: Int
  /// The share of the variance that load and temperature predict, with squares and their product.
  public var columns: Double
  /// The share that the phase alone predicts.
  public var phase: Double
  /// The share that both predict together.
  public var both: Double
  /// How much more both predict than the columns.
  public var gain: Double
  /// The 95 % interval of the gain, over cells drawn again.
  public var gainInterval: Interval?

  static func all(
    _ grid: PhaseGrid, cells: [PhaseMap.Cell], scale: MeasureScale, seed: UInt64
  ) -> [PhasePrediction] {
    var outcomes: [(String, [Double?])] = [
      ("testAccuracy", cells.map { $0.means[.testAccuracy] })
    ]
    let names = Set(grid.cells.flatMap { $0.models.flatMap(\.outcomes.keys) }).sorted()
    for name in names { outcomes.append((name, grid.cells.map { $0.mean(outcome: name) })) }
    return outcomes.compactMap { PhasePrediction($0.0, $0.1, grid, cells, seed: seed) }
  }

  /// nil of fewer than 20 cells, or where the result does not vary.
  private init?(
    _ outcome: String, _ values: [Double?], _ grid: PhaseGrid, _ cells: [PhaseMap.Cell],
    seed: UInt64
  ) {
    let known = cells.indices.filter { values[$0] != nil && cells[$0].phase != nil }
    let target = known.compactMap { values[$0] }
    guard known.count >= 20, let mean = target.mean, target.contains(where: { $0 != mean }) else {
      return nil
    }
    let loads = Self.standardised(
      known.map { GridAxis.place(cells[$0].load, in: grid.loads) })
    let temperatures = Self.standardised(
      known.map { GridAxis.place(cells[$0].temperature, in: grid.temperatures) })
    let plain = zip(loads, temperatures).map { [1, $0, $1, $0 * $0, $1 * $1, $0 * $1] }
    let marks = known.map { index in
      Phase.allCases.map { cells[index].phase == $0 ? 1.0 : 0 }
    }
    var generator = SeededGenerator(seed: seed)
    let order = generator.permutation(count: known.count)
    var folds = [Int](repeating: 0, count: known.count)
    for (place, index) in order.enumerated() { folds[index] = place % 10 }
    let errors = [plain, marks.map { [1] + $0 }, zip(plain, marks).map { $0 + $1 }].map {
      features in Self.errors(features, target, folds)
    }
    self.outcome = outcome
    self.cells = known.count
    let all = Array(known.indices)
    columns = Self.share(errors[0], target, all)
    phase = Self.share(errors[1], target, all)
    both = Self.share(errors[2], target, all)
    gain = both - columns
    gainInterval = Interval(
      (0..<400).map { _ in
        let drawn = all.map { _ in generator.integer(below: all.count) }
        return Self.share(errors[2], target, drawn) - Self.share(errors[0], target, drawn)
      })
  }

  private static func standardised(_ values: [Double]) -> [Double] {
    let mean = values.mean ?? 0
    let variance = values.map { ($0 - mean) * ($0 - mean) }.mean ?? 0
    return values.map { variance > 0 ? ($0 - mean) / variance.squareRoot() : 0 }
  }

  /// The squared errors of a ridge regression (10⁻³) for cells that it was not fitted to.
  private static func errors(
    _ features: [[Double]], _ target: [Double], _ folds: [Int]
  ) -> [Double] {
    var errors = [Double](repeating: 0, count: target.count)
    for fold in 0..<10 {
      let fitted = target.indices.filter { folds[$0] != fold }
      let offset = fitted.map { target[$0] }.mean ?? 0
      let weights = LeastSquares.ridge(
        fitted.map { features[$0] }, fitted.map { target[$0] - offset }, penalty: 1e-3)
      for index in target.indices where folds[index] == fold {
        let answer = zip(features[index], weights).reduce(offset) { $0 + $1.0 * $1.1 }
        errors[index] = (answer - target[index]) * (answer - target[index])
      }
    }
    return errors
  }

  /// R² of some cells.
  private static func share(_ errors: [Double], _ target: [Double], _ cells: [Int]) -> Double {
    let mean = cells.map { target[$0] }.mean ?? 0
    let (left, total) = cells.reduce((0.0, 0.0)) {
      ($0.0 + errors[$1], $0.1 + (target[$1] - mean) * (target[$1] - mean))
    }
    return total > 0 ? 1 - left / total : .nan
  }
}
