import Foundation
import LinearAlgebra

/// Finds the thresholds by which the phases separate the measures best: those with the least Wilks'
/// lambda (1932), det W / det T, where W is the scatter of the measures within phases and T that of all
/// cells. It does not change with the units of a measure, nor where measures go together.
///
/// Losses are compared by logarithms, barriers by asinh of points of accuracy (`MeasureScale`). All
/// triples of candidates are tried; the candidates of a measure lie between neighbouring values, at most
/// `limit` of them.
struct ThresholdSearch {
  private let scale: MeasureScale
  private let given: PhaseThresholds
  private let limit: Int

  init(scale: MeasureScale, given: PhaseThresholds, limit: Int) {
    self.scale = scale
    self.given = given
    self.limit = limit
  }

  /// The best thresholds for some cells.
  ///
  /// - Parameter values: the values of the deciding measures of each cell: loss, connectivity,
  ///   similarity. Cells that lack one of `measures` are left out.
  /// - Parameter measures: those that the zoo has.
  /// - Parameter weights: how much each cell counts; nil means all alike.
  /// - Returns: nil where fewer than four cells have all measures.
  /// - Complexity: O(n + limit³).
  func best(
    _ values: [[PhaseMeasure: Double]], measures: [PhaseMeasure], weights: [Double]? = nil
  ) -> PhaseThresholds? {
    let places: [[Double]?] = values.map { cell in
      let places = PhaseMeasure.deciding.map { measure in
        measures.contains(measure)
          ? scale.value(cell[measure] ?? .nan, of: measure) : 0
      }
      return places.allSatisfy(\.isFinite) ? places : nil
    }
    let rows = places.compactMap { $0 }
    let kept = zip(places, weights ?? values.map { _ in 1 }).compactMap { $0 == nil ? nil : $1 }
    guard rows.count >= 4 else { return nil }
    let cuts = PhaseMeasure.deciding.enumerated().map { axis, measure in
      measures.contains(measure) ? candidates(rows.map { $0[axis] }, of: measure) : []
    }
    let table = ScatterTable(rows: rows, weights: kept, cuts: cuts)
    let found = table.best()
    var result = given
    if result.loss == nil, let cut = found[0] {
      result.loss = scale.inverse(cuts[0][cut], of: .trainLoss)
    }
    if result.connectivity == nil, let cut = found[1] {
      result.connectivity = -scale.inverse(cuts[1][cut], of: .connectivity)
    }
    if result.similarity == nil, let cut = found[2] {
      result.similarity = scale.inverse(cuts[2][cut], of: .similarity)
    }
    return result
  }

  private func candidates(_ places: [Double], of measure: PhaseMeasure) -> [Double] {
    if let place = given.place(of: measure) { return [scale.value(place, of: measure)] }
    let sorted = Set(places).sorted()
    // A barrier lies below zero.
    let gaps = zip(sorted, sorted.dropFirst())
      .map { (middle: ($0 + $1) / 2, width: $1 - $0) }
      .filter { measure != .connectivity || $0.middle < 0 }
    guard gaps.count > limit else { return gaps.map(\.middle) }
    // The widest gaps, which part groups, and even quantiles, which part what has none.
    let half = limit / 2
    let wide = gaps.sorted { ($0.width, $0.middle) > ($1.width, $1.middle) }.prefix(half)
    let even = (0..<half).map { gaps[(2 * $0 + 1) * gaps.count / (2 * half)] }
    return Set((wide + even).map(\.middle)).sorted()
  }

  /// The share of the spread of some values that a split in two explains (Otsu 1979): 0.64 for a bell
  /// curve cut in its middle, 0.75 for evenly spread values, near 1 for two groups.
  func separation(_ values: [Double], of measure: PhaseMeasure, at threshold: Double) -> Double {
    let places = values.map { scale.value($0, of: measure) }.filter(\.isFinite)
    let cut = scale.value(threshold, of: measure)
    guard let mean = places.mean, cut.isFinite else { return .nan }
    let total = places.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let between = [places.filter { $0 < cut }, places.filter { $0 >= cut }].reduce(0.0) {
      sum, part in
      guard let own = part.mean else { return sum }
      return sum + Double(part.count) * (own - mean) * (own - mean)
    }
    return total > 0 ? between / total : .nan
  }
}
