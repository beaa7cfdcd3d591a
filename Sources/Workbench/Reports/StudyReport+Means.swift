import LinearAlgebra
import Support

extension StudyReport {
  /// The names of the paths: as trained, then by matcher; so that a path has the same colour in every
  /// figure.
  private var pathNames: [String] {
    let matchers = ["naive", "weights", "activations", "straight-through", "frank-wolfe"]
    let levels = ["signed", "orthogonal", "auto"]
    func rank(_ name: String) -> Int {
      let matcher = matchers.firstIndex { name.hasPrefix($0) } ?? matchers.count
      let level = levels.firstIndex { name.contains(", \($0)") }.map { $0 + 1 } ?? 0
      return matcher * (levels.count + 1) + level
    }
    return Set(rows.map(\.name)).sorted { (rank($0), $0) < (rank($1), $1) }
  }

  /// The means over pairs, by family, width, split and path.
  public var widthRows: [WidthRow] {
    let names = pathNames
    struct Key: Hashable {
      var family: String
      var width: Int
      var split: String
      var place: Int
    }
    let grouped = Dictionary(grouping: rows) {
      Key(
        family: $0.family, width: $0.width, split: $0.split,
        place: names.firstIndex(of: $0.name) ?? 0)
    }
    let keys = grouped.keys.sorted {
      ($0.family, $0.width, $0.split, $0.place) < ($1.family, $1.width, $1.split, $1.place)
    }
    return keys.map { key in
      let rows = grouped[key] ?? []
      func mean(_ value: (Row) -> Double?) -> FiniteNumber {
        FiniteNumber(rows.compactMap(value).mean ?? .nan)
      }
      let naive = self.rows.filter {
        $0.name == "naive" && $0.family == key.family && $0.width == key.width
          && $0.split == key.split
      }.compactMap(\.l2)
      let reference = naive.mean ?? .nan
      let l2 = mean(\.l2)
      return WidthRow(
        family: key.family, width: key.width, path: names[key.place], split: key.split,
        pairs: rows.count, barrier: mean(\.barrier), tempered: mean(\.tempered),
        lowest: FiniteNumber(rows.map(\.barrier).min() ?? .nan),
        highest: FiniteNumber(rows.map(\.barrier).max() ?? .nan), l2: l2,
        l2Change: FiniteNumber(l2.value / reference - 1), alignment: mean(\.alignment),
        middleAlignment: mean(\.middleAlignment), taylor: mean(\.taylor),
        atMiddle: mean(\.atMiddle), middleAccuracy: mean(\.middleAccuracy))
    }
  }
}
