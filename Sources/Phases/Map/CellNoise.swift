import LinearAlgebra

/// How far the measures of a cell are from what they would be with other seeds.
///
/// A cell of several models is drawn again from its own models (Efron 1979), and the deviation from the
/// mean is widened by √(n / (n − 1)), as few models spread less than those they stand for. A cell of one
/// model gets a normal deviation: as wide as that within the cells of several models, or where the grid
/// has too few of those, as what a cell differs by from the line between its neighbours (Gasser, Sroka
/// and Jennen-Steinmetz 1986; the median instead of the mean, so that boundaries do not count as noise).
struct CellNoise {
  /// Where the deviations of cells of one model come from.
  enum Source: String, Sendable {
    case seeds, neighbours, none
  }

  private let scale: MeasureScale
  private var deviations: [PhaseMeasure: Double] = [:]
  /// Where the deviations of cells of one model come from.
  private(set) var source: Source = .none

  init(_ grid: PhaseGrid, scale: MeasureScale) {
    self.scale = scale
    let spread = grid.cells.reduce(0) { $0 + max(0, $1.models.count - 1) }
    source = spread >= 10 ? .seeds : .neighbours
    for measure in PhaseMeasure.allCases {
      deviations[measure] =
        source == .seeds ? pooled(grid, measure) : fromNeighbours(grid, measure)
    }
    if deviations.isEmpty { source = .none }
  }

  private func pooled(_ grid: PhaseGrid, _ measure: PhaseMeasure) -> Double? {
    var (squares, freedom) = (0.0, 0)
    for cell in grid.cells {
      let places = cell.values(measure).map { scale.value($0, of: measure) }.filter(\.isFinite)
      guard places.count > 1, let mean = places.mean else { continue }
      squares += places.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      freedom += places.count - 1
    }
    return freedom >= 5 ? (squares / Double(freedom)).squareRoot() : nil
  }

  private func fromNeighbours(_ grid: PhaseGrid, _ measure: PhaseMeasure) -> Double? {
    let places = grid.cells.map { cell in
      cell.mean(measure).map { scale.value($0, of: measure) } ?? .nan
    }
    var squares: [Double] = []
    for line in grid.lines where line.count > 2 {
      for middle in line.indices.dropFirst().dropLast() {
        let (before, own, after) = (line[middle - 1], line[middle], line[middle + 1])
        let share = (own.place - before.place) / (after.place - before.place)
        let difference =
          places[own.cell] - (1 - share) * places[before.cell] - share * places[after.cell]
        let factor = 1 + share * share + (1 - share) * (1 - share)
        if difference.isFinite { squares.append(difference * difference / factor) }
      }
    }
    guard squares.count >= 5 else { return nil }
    // The median of the square of a standard normal number is 0.4549.
    return ((squares.sorted().sortedQuantile(0.5) ?? .nan) / 0.4549).squareRoot()
  }

  /// Whether a cell's measure can be drawn again.
  func canDraw(_ cell: PhaseGrid.Cell, _ measure: PhaseMeasure) -> Bool {
    cell.values(measure).count > 1 || deviations[measure] != nil
  }

  /// The measures of a cell with other seeds. Models are drawn whole, so that their measures stay
  /// together.
  func draw(_ cell: PhaseGrid.Cell, _ generator: inout SeededGenerator) -> [PhaseMeasure: Double] {
    let chosen = cell.models.map { _ in
      cell.models[generator.integer(below: cell.models.count)]
    }
    var drawn: [PhaseMeasure: Double] = [:]
    for measure in PhaseMeasure.allCases {
      let values = cell.values(measure)
      guard let mean = values.mean else { continue }
      if values.count > 1 {
        let again = chosen.compactMap { $0.measures[measure] }.filter(\.isFinite)
        guard let own = again.mean else { continue }
        let n = Double(values.count)
        let wider = mean + (n / (n - 1)).squareRoot() * (own - mean)
        // Widening takes no loss below zero.
        drawn[measure] = scale.value(wider, of: measure).isFinite ? wider : own
      } else if let deviation = deviations[measure], scale.value(mean, of: measure).isFinite {
        drawn[measure] = scale.inverse(
          scale.value(mean, of: measure) + deviation * generator.normal(), of: measure)
      } else {
        drawn[measure] = mean
      }
    }
    return drawn
  }
}
