/// Which pixels lie on an edge.
struct EdgeMap {
  var rows: Int
  var columns: Int
  var isEdge: [Bool]

  /// Keeps the weak edges that are joined to strong ones, through any of eight neighbours.
  init(rows: Int, columns: Int, weak: [Bool], isStrong: (Int) -> Bool) {
    self.rows = rows
    self.columns = columns
    isEdge = Array(repeating: false, count: weak.count)
    var open = weak.indices.filter { weak[$0] && isStrong($0) }
    for place in open { isEdge[place] = true }
    while let place = open.popLast() {
      let (row, column) = (place / columns, place % columns)
      for y in max(0, row - 1)...min(rows - 1, row + 1) {
        for x in max(0, column - 1)...min(columns - 1, column + 1) {
          let next = y * columns + x
          guard weak[next], !isEdge[next] else { continue }
          isEdge[next] = true
          open.append(next)
        }
      }
    }
  }
}

extension Plane {
  private func slopes(_ edge: Edge) -> (down: Plane, across: Plane) {
    let (smooth, difference) = ([1.0, 2, 1], [-1.0, 0, 1])
    return (
      correlated(difference, alongRows: false, edge).correlated(smooth, alongRows: true, edge),
      correlated(difference, alongRows: true, edge).correlated(smooth, alongRows: false, edge)
    )
  }

  /// The edges of an image from 0 to 1 (Canny 1986), white on black: a normal blur of deviation 1,
  /// gradients after Sobel, crests by interpolation between neighbours, thresholds 0.1 and 0.2. It
  /// is scikit-image's definition, which MNIST-C uses.
  func edges() -> Plane {
    // Beyond the edge is nothing, and what the blur takes from there is made up for.
    let covered = Plane(rows: rows, columns: columns, repeating: 1).gaussian(1, .zero)
    var blurred = gaussian(1, .zero)
    for place in blurred.values.indices { blurred.values[place] /= covered.values[place] }
    let (down, across) = blurred.slopes(.reflect)
    var steepness = blurred
    for place in steepness.values.indices {
      let (y, x) = (down.values[place], across.values[place])
      steepness.values[place] = (y * y + x * x).squareRoot()
    }
    var weak = Array(repeating: false, count: values.count)
    if rows > 2, columns > 2 {
      for row in 1..<rows - 1 {
        for column in 1..<columns - 1 {
          let place = row * columns + column
          let here = steepness.values[place]
          guard here >= 0.1 else { continue }
          let (y, x) = (down.values[place], across.values[place])
          let isSteep = abs(y) >= abs(x)
          let weight = isSteep ? abs(x) / abs(y) : abs(y) / abs(x)
          // The neighbour straight on, and the one askew, on both sides of the crest.
          let sameSign = (y >= 0 && x >= 0) || (y <= 0 && x <= 0)
          let straight = isSteep ? columns : 1
          let askew = sameSign ? columns + 1 : isSteep ? columns - 1 : 1 - columns
          func beyond(_ sign: Int) -> Float {
            steepness.values[place + sign * askew] * weight
              + steepness.values[place + sign * straight] * (1 - weight)
          }
          weak[place] = beyond(1) <= here && beyond(-1) <= here
        }
      }
    }
    let map = EdgeMap(rows: rows, columns: columns, weak: weak) { steepness.values[$0] >= 0.2 }
    return Plane(rows: rows, columns: columns, values: map.isEdge.map { $0 ? 1 : 0 })
  }

  /// The edges of an image of 8 bits as OpenCV finds them: gradients in the norm of sums, crests
  /// along the nearest of four directions.
  func strongEdges(low: Float, high: Float) -> EdgeMap {
    let (down, across) = slopes(.nearest)
    let steepness = Plane(
      rows: rows, columns: columns,
      values: zip(down.values, across.values).map { abs($0) + abs($1) })
    var weak = Array(repeating: false, count: values.count)
    let tangent: Float = 0.414_213_56  // of 22.5°
    for row in 0..<rows {
      for column in 0..<columns {
        let place = row * columns + column
        let here = steepness.values[place]
        guard here > low else { continue }
        func there(_ y: Int, _ x: Int) -> Float { steepness.value(row + y, column + x, .zero) }
        let (y, x) = (down.values[place], across.values[place])
        if abs(y) < tangent * abs(x) {
          weak[place] = here > there(0, -1) && here >= there(0, 1)
        } else if abs(y) * tangent > abs(x) {
          weak[place] = here > there(-1, 0) && here >= there(1, 0)
        } else {
          let side = (x < 0) != (y < 0) ? -1 : 1
          weak[place] = here > there(-1, -side) && here > there(1, side)
        }
      }
    }
    return EdgeMap(rows: rows, columns: columns, weak: weak) { steepness.values[$0] > high }
  }
}
