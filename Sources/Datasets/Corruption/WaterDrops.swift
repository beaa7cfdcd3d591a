/// Drops of water on a lens: how bright each pixel becomes, by the distance to the drops' edges and
/// an embossing filter, as the benchmark computes it with OpenCV.
enum WaterDrops {
  /// The weight of water, at most 1, for a layer of liquid from 0 to 1.
  static func mask(of liquid: Plane) -> Plane {
    var bytes = liquid
    bytes.values = liquid.values.map { (255 * min(1, max(0, $0))).rounded(.down) }
    let edges = bytes.strongEdges(low: 50, high: 150)
    var near = distance(to: edges)
    near.values = near.values.map { min($0, 20) }
    near = averaged(near)
    near.values = near.values.map { $0.rounded(.down) }
    near = equalized(near)
    let emboss = [-2.0, -1, 0, -1, 1, 1, 0, 1, 2]
    near = near.correlated(emboss, side: 3, .mirror)
    near.values = near.values.map { min(255, max(0, $0.rounded(.toNearestOrEven))) }
    near = averaged(near)
    var mask = bytes
    for place in mask.values.indices { mask.values[place] *= near.values[place] }
    let largest = mask.values.max() ?? 0
    guard largest > 0 else { return Plane(rows: mask.rows, columns: mask.columns) }
    mask.values = mask.values.map { $0 / largest }
    return mask
  }

  private static func averaged(_ plane: Plane) -> Plane {
    let third = Array(repeating: 1.0 / 3, count: 3)
    return plane.correlated(third, alongRows: true, .mirror)
      .correlated(third, alongRows: false, .mirror)
  }

  /// The distance to the nearest edge by steps within 5 × 5 (Borgefors 1986, with the weights 1,
  /// 1.4 and 2.1969).
  private static func distance(to edges: [Bool], rows: Int, columns: Int) -> Plane {
    var result = Plane(rows: rows, columns: columns, repeating: 1e6)
    for place in edges.indices where edges[place] { result.values[place] = 0 }
    let steps: [(row: Int, column: Int, length: Float)] = [
      (0, -1, 1), (-1, -1, 1.4), (-1, 0, 1), (-1, 1, 1.4), (-1, -2, 2.1969), (-1, 2, 2.1969),
      (-2, -1, 2.1969), (-2, 1, 2.1969),
    ]
    for isBackward in [false, true] {
      let sign = isBackward ? -1 : 1
      for index in edges.indices {
        let place = isBackward ? edges.count - 1 - index : index
        let (row, column) = (place / columns, place % columns)
        for step in steps {
          let (y, x) = (row + sign * step.row, column + sign * step.column)
          guard y >= 0, y < rows, x >= 0, x < columns else { continue }
          result.values[place] = min(
            result.values[place], result.values[y * columns + x] + step.length)
        }
      }
    }
    return result
  }

  private static func distance(to edges: EdgeMap) -> Plane {
    distance(to: edges.isEdge, rows: edges.rows, columns: edges.columns)
  }

  /// Levels spread so that each is about as frequent.
  private static func equalized(_ plane: Plane) -> Plane {
    var counts = Array(repeating: 0, count: 256)
    for value in plane.values { counts[min(255, max(0, Int(value)))] += 1 }
    guard let first = counts.firstIndex(where: { $0 > 0 }), counts[first] < plane.values.count
    else { return plane }
    let scale = 255 / Float(plane.values.count - counts[first])
    var levels = Array(repeating: Float(0), count: 256)
    var sum = 0
    for level in first + 1..<256 {
      sum += counts[level]
      levels[level] = (Float(sum) * scale).rounded(.toNearestOrEven)
    }
    var result = plane
    result.values = plane.values.map { levels[min(255, max(0, Int($0)))] }
    return result
  }
}
