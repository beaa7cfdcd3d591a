import Foundation
import LinearAlgebra

extension Corruption {
  /// The image at a lower resolution: means of the pixels of each block, and back to the size it had.
  func pixelate(_ plane: inout Plane) {
    let share = constants[0]
    let rows = max(1, Int(Double(plane.rows) * share))
    let columns = max(1, Int(Double(plane.columns) * share))
    let small = plane.boxed(rows: rows, columns: columns)
    plane = small.boxed(rows: plane.rows, columns: plane.columns)
  }

  /// Slides, turns, shrinks or shifts around the middle; what comes in is black.
  func move(_ image: inout Raster, using generator: inout SeededGenerator) {
    let strength = constants[0]
    func sign() -> Double { generator.next() >> 63 == 1 ? 1 : -1 }
    // A row of an output pixel's source: across.x · x + across.y · y + across.shift.
    var across = (x: 1.0, y: 0.0, shift: 0.0)
    var down = (x: 0.0, y: 1.0, shift: 0.0)
    switch kind {
    case .shear:
      let slope = strength * sign()
      (across.y, down.y) = (-sin(slope), cos(slope))
    case .rotate:
      let turn = strength * sign()
      (across.x, across.y, down.x, down.y) = (cos(turn), -sin(turn), sin(turn), cos(turn))
    case .scale: (across.x, down.y) = (1 / strength, 1 / strength)
    default: (across.shift, down.shift) = (strength * sign(), strength * sign())
    }
    let middleX = Double(image.columns - 1) / 2
    let middleY = Double(image.rows - 1) / 2
    across.shift += middleX - across.x * middleX - across.y * middleY
    down.shift += middleY - down.x * middleX - down.y * middleY
    image.planes = image.planes.map { plane in
      plane.mapped(.zero) { row, column in
        let (x, y) = (Double(column), Double(row))
        return (down.x * x + down.y * y + down.shift, across.x * x + across.y * y + across.shift)
      }
    }
  }

  /// A random affine map, then a random smooth displacement.
  func stretch(_ image: inout Raster, using generator: inout SeededGenerator) {
    let side = Double(min(image.rows, image.columns))
    let constants = constants.map { $0 * side }
    let edge = scale == .cifar ? Plane.Edge.mirror : .zero
    let middle = (Double(image.columns / 2), Double(image.rows / 2))
    let reach = Double(min(image.rows, image.columns) / 3)
    let corners = [(1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)].map {
      (x: middle.0 + reach * $0.0, y: middle.1 + reach * $0.1)
    }
    let moved = corners.map { corner in
      (
        x: corner.x + constants[2] * (2 * generator.uniform() - 1),
        y: corner.y + constants[2] * (2 * generator.uniform() - 1)
      )
    }
    if let map = AffineMap(from: moved, to: corners) {
      image.planes = image.planes.map { plane in
        plane.mapped(edge) { row, column in map.place(x: Double(column), y: Double(row)) }
      }
    }
    func displacement() -> Plane {
      var field = Plane(rows: image.rows, columns: image.columns)
      for place in field.values.indices {
        field.values[place] = Float(2 * generator.uniform() - 1)
      }
      field = field.gaussian(constants[1], .reflect, truncate: 3)
      field.values = field.values.map { $0 * Float(constants[0]) }
      return field
    }
    let (across, down) = (displacement(), displacement())
    image.planes = image.planes.map { plane in
      plane.mapped(scale == .cifar ? .reflect : .zero) { row, column in
        let place = row * plane.columns + column
        return (
          Double(row) + Double(down.values[place]), Double(column) + Double(across.values[place])
        )
      }
    }
  }
}

/// The affine map that takes three points to three others.
struct AffineMap {
  private var rows: (x: [Double], y: [Double])

  /// Solves for the map by Cramer's rule; nil where the first three lie on a line.
  init?(from source: [(x: Double, y: Double)], to target: [(x: Double, y: Double)]) {
    func determinant(_ m: [[Double]]) -> Double {
      m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    }
    let matrix = source.map { [$0.x, $0.y, 1] }
    let whole = determinant(matrix)
    guard abs(whole) > 1e-9 else { return nil }
    func solved(_ values: [Double]) -> [Double] {
      (0..<3).map { unknown in
        var replaced = matrix
        for row in 0..<3 { replaced[row][unknown] = values[row] }
        return determinant(replaced) / whole
      }
    }
    rows = (solved(target.map(\.x)), solved(target.map(\.y)))
  }

  /// Where a point goes.
  func place(x: Double, y: Double) -> (row: Double, column: Double) {
    (rows.y[0] * x + rows.y[1] * y + rows.y[2], rows.x[0] * x + rows.x[1] * y + rows.x[2])
  }
}

extension Plane {
  /// The plane at another size: each element is the mean of those whose middles its box holds.
  func boxed(rows: Int, columns: Int) -> Plane {
    func spans(_ count: Int, to size: Int) -> [Range<Int>] {
      let ratio = Double(count) / Double(size)
      let reach = max(1, ratio) / 2
      return (0..<size).map { index in
        let middle = (Double(index) + 0.5) * ratio
        var first = max(0, Int(middle - reach + 0.5))
        var end = max(first + 1, min(count, Int(middle + reach + 0.5)))
        // A middle on an edge belongs to the box before, as far as rounding lets it; in the order of
        // Pillow's arithmetic, so that it is rounded alike.
        let origin = first
        func place(_ index: Int) -> Double {
          (Double(index - origin) + Double(origin) - middle + 0.5) * (1 / max(1, ratio))
        }
        if end - first > 1, place(first) <= -0.5 { first += 1 }
        if end - first > 1, place(end - 1) > 0.5 { end -= 1 }
        return first..<end
      }
    }
    let (vertical, horizontal) = (spans(self.rows, to: rows), spans(self.columns, to: columns))
    var result = Plane(rows: rows, columns: columns)
    for (row, span) in vertical.enumerated() {
      for (column, range) in horizontal.enumerated() {
        var sum = 0.0
        for y in span { for x in range { sum += Double(values[y * self.columns + x]) } }
        result.values[row * columns + column] = Float(sum / Double(span.count * range.count))
      }
    }
    return result
  }
}
