import LinearAlgebra

/// The models of a zoo, by cells of one load and one temperature.
struct PhaseGrid: Sendable {
  /// One cell's models.
  struct Cell: Sendable {
    var load: Double
    var temperature: Double
    var models: [PhaseModel]

    /// The values of a measure that are finite.
    func values(_ measure: PhaseMeasure) -> [Double] {
      models.compactMap { $0.measures[measure] }.filter(\.isFinite)
    }

    /// The mean of a measure over the models that have it; nil where none has.
    func mean(_ measure: PhaseMeasure) -> Double? { values(measure).mean }

    /// The mean of a further result.
    func mean(outcome: String) -> Double? {
      models.compactMap { $0.outcomes[outcome] }.filter(\.isFinite).mean
    }
  }

  /// The cells, by temperature and then by load.
  var cells: [Cell]
  /// The loads, lowest first.
  let loads: [Double]
  /// The temperatures, lowest first.
  let temperatures: [Double]
  private let places: [Place: Int]

  private struct Place: Hashable {
    var load: Double
    var temperature: Double
  }

  /// Gathers models whose load and temperature are finite.
  ///
  /// - Complexity: O(n log n).
  init(_ models: [PhaseModel]) {
    let groups = Dictionary(grouping: models.filter { $0.load.isFinite && $0.temperature.isFinite })
    { Place(load: $0.load, temperature: $0.temperature) }
    cells = groups.map { Cell(load: $0.load, temperature: $0.temperature, models: $1) }
      .sorted { ($0.temperature, $0.load) < ($1.temperature, $1.load) }
    loads = Set(cells.map(\.load)).sorted()
    temperatures = Set(cells.map(\.temperature)).sorted()
    places = Dictionary(
      uniqueKeysWithValues: cells.enumerated().map {
        (Place(load: $1.load, temperature: $1.temperature), $0)
      })
  }

  /// The index of the cell at a place; nil where the grid has a hole.
  func index(load: Double, temperature: Double) -> Int? {
    places[Place(load: load, temperature: temperature)]
  }

  /// The cells of each row (one temperature) and each column (one load), in order, with the place of each
  /// on the axis along the line.
  var lines: [[(cell: Int, place: Double)]] {
    temperatures.map { temperature in
      loads.compactMap { load in
        index(load: load, temperature: temperature).map { ($0, GridAxis.place(load, in: loads)) }
      }
    }
      + loads.map { load in
        temperatures.compactMap { temperature in
          index(load: load, temperature: temperature).map {
            ($0, GridAxis.place(temperature, in: temperatures))
          }
        }
      }
  }
}
