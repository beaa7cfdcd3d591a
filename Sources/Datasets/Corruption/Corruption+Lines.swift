import Foundation
import LinearAlgebra

extension Corruption {
  /// A dotted line or a zigzag from side to side, as bright as white in its middle.
  func addLine(to image: inout Raster, using generator: inout SeededGenerator) {
    let (rows, columns) = (image.rows, image.columns)
    var line = Plane(rows: rows, columns: columns)
    if kind == .dottedLine {
      let first = generator.integer(below: max(1, rows - 1))
      let last = generator.integer(below: max(1, rows - 1))
      line.addLine(from: (0, Double(first)), to: (Double(columns - 1), Double(last)))
      // Dots of two columns, gaps of two.
      for place in line.values.indices where place % columns % 4 < 2 { line.values[place] = 0 }
    } else {
      let start = Double(generator.integer(below: max(1, rows - 1)))
      let rise = Double(generator.integer(below: 10) - 5)
      let corners = Corruption.zigzag(from: 2, to: Double(columns - 3), start: start, rise: rise)
      for (corner, next) in zip(corners, corners.dropFirst()) {
        line.addLine(from: corner, to: next)
      }
    }
    for plane in image.planes.indices {
      for place in line.values.indices { image.planes[plane].values[place] += line.values[place] }
    }
  }

  /// The corners of a zigzag of length and width 2 along a straight line.
  static func zigzag(
    from first: Double, to last: Double, start: Double, rise: Double
  ) -> [(x: Double, y: Double)] {
    guard last > first else { return [] }
    let turn = atan(rise / (last - first))
    let length = (last - first) / cos(turn)
    let size = 2.0
    var corners = [(x: 0.0, y: 0.0)]
    for number in 0...Int(max(0, (length - size) / (2 * size))) {
      corners.append((Double(2 * number + 1) * size, number % 2 == 0 ? size : -size))
    }
    let whole = 2 * size * (length / (2 * size)).rounded(.down)
    if length != whole, let end = corners.last {
      corners.append((length, end.y / (2 * (length - whole))))
    }
    return corners.map { corner in
      (
        first + cos(turn) * corner.x - sin(turn) * corner.y,
        start + sin(turn) * corner.x + cos(turn) * corner.y
      )
    }
  }
}

extension Plane {
  /// Adds a line that fades within 2.3 rows of its middle, in the columns between its ends.
  mutating func addLine(from start: (x: Double, y: Double), to end: (x: Double, y: Double)) {
    guard start.x != end.x else { return }
    let slope = (end.y - start.y) / (end.x - start.x)
    let first = max(0, Int(start.x.rounded(.down)))
    let last = min(columns, Int(end.x.rounded(.up)))
    guard first < last else { return }
    for column in first..<last {
      let middle = slope * (Double(column) - start.x) + start.y
      for row in 0..<rows {
        let distance = min(abs(Double(row) - middle), 2.3 - 1e-10)
        let light = min(1, max(0, log(1 - distance / 2.3) + 1))
        values[row * columns + column] = min(1, values[row * columns + column] + Float(light))
      }
    }
  }
}
