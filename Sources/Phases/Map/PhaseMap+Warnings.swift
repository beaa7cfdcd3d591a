extension PhaseMap {
  /// What is odd about a zoo, a line each.
  static func warnings(
    _ map: PhaseMap, measures: [PhaseMeasure], noise: CellNoise
  ) -> [String] {
    var warnings: [String] = []
    for measure in PhaseMeasure.deciding where !measures.contains(measure) {
      warnings.append(
        "no cell has a \(measure.title): phases that it decides are not told")
    }
    for threshold in map.thresholdDetails where threshold.isFound && threshold.separation < 0.75 {
      warnings.append(
        "the \(threshold.measure.title) does not fall into two groups (its threshold explains "
          + "\(Int((threshold.separation * 100).rounded())) % of its spread, 75 % of evenly spread "
          + "values): that boundary is a convention")
    }
    let single = map.cells.count { $0.models == 1 }
    guard single > 0 else { return warnings }
    switch noise.source {
    case .seeds:
      warnings.append(
        "\(single) cells have one model: their confidence takes the spread of the other cells' seeds"
      )
    case .neighbours:
      warnings.append(
        "\(single) cells have one model: their confidence comes from how far cells differ from their "
          + "neighbours, not from seeds")
    case .none:
      warnings.append(
        "\(single) cells have one model, and no neighbours to compare: they have no confidence")
    }
    return warnings
  }
}
