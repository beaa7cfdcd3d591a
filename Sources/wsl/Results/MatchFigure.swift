import LinearAlgebra
import Matching
import ModelGraph
import Reports
import Tensors
import WeightFiles
import Workbench

/// Where units go, and how alike they are to those beside them before and after.
enum MatchFigure {
  private static let mostGroups = 6
  private static let mostUnits = 256
  private static let mostCells = 64

  /// The paths of the three figures.
  static func paths(_ path: String) -> [String] {
    [path, FigureFiles.path(path, part: "before"), FigureFiles.path(path, part: "after")]
  }

  static func write(
    _ pair: LoadedPair, _ found: WeightMatching.Result, to path: String, overwrites: Bool
  ) throws -> [String] {
    let groups = pair.pair.groupsA
    let after = Permuting.apply(found.permutations, of: groups, to: pair.weightsB)
    let shown = Array(groups.indices.prefix(mostGroups))
    let left = groups.count - shown.count
    let note =
      (left > 0 ? "; \(left) further groups are not drawn" : "")
      + (groups.contains { $0.size > mostUnits } ? "; the first \(mostUnits) units of each" : "")
    let moves = shown.map { place -> HeatMap.Panel in
      let units = min(mostUnits, groups[place].size)
      var matrix = [[Double]](repeating: [Double](repeating: 0, count: units), count: units)
      for (row, unit) in found.permutations[place].prefix(units).enumerated() where unit < units {
        matrix[row][unit] = 1
      }
      return panel(groups[place].name, matrix, of: units)
    }
    let largest = moves.flatMap { $0.values.joined() }.max() ?? 1
    let maps = [
      HeatMap(
        title: "Where units of B go",
        subtitle: "row i, column j: unit j of B is put in place i" + note, rows: "place",
        columns: "unit of B", values: "share of units", scale: .sequential(0...max(1e-9, largest)),
        panels: moves),
      cosines(
        "before", pair.weightsB, pair, shown.map { groups[$0] }, note),
      cosines("after", after, pair, shown.map { groups[$0] }, note),
    ]
    let places = paths(path)
    for (map, place) in zip(maps, places) {
      try FigureFiles.write(map, to: place, overwrites: overwrites)
    }
    return places
  }

  private static func cosines(
    _ when: String, _ b: Weights, _ pair: LoadedPair, _ groups: [PermutationGroup], _ note: String
  ) -> HeatMap {
    HeatMap(
      title: "Units of A and B \(when) matching",
      subtitle: "cosine of all weights of a unit of A (row) and one of B (column)" + note,
      rows: "unit of A", columns: when == "after" ? "place in B" : "unit of B", values: "cosine",
      scale: .diverging(1),
      panels: groups.map { group in
        panel(
          group.name, UnitCosines.matrix(pair.weightsA, b, of: group, first: mostUnits),
          of: min(mostUnits, group.size))
      })
  }

  /// A matrix of units, each cell the mean of a few where there are many.
  private static func panel(_ name: String, _ matrix: [[Double]], of units: Int) -> HeatMap.Panel {
    let values = HeatMap.reduced(matrix, to: mostCells)
    let names = values.indices.map { "\($0 * units / max(1, values.count))" }
    return HeatMap.Panel(title: name, rows: names, columns: names, values: values)
  }
}
