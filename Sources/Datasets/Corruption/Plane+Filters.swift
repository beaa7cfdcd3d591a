import Foundation

extension Plane {
  /// Convolves rows and columns with a normal curve, cut at some deviations, as SciPy does.
  func gaussian(_ deviation: Double, _ edge: Edge = .nearest, truncate: Double = 4) -> Plane {
    let radius = Int(truncate * deviation + 0.5)
    guard radius > 0 else { return self }
    var kernel = (-radius...radius).map { exp(-0.5 * pow(Double($0) / deviation, 2)) }
    let sum = kernel.reduce(0, +)
    kernel = kernel.map { $0 / sum }
    return correlated(kernel, alongRows: false, edge).correlated(kernel, alongRows: true, edge)
  }

  /// Correlates one axis with a kernel of odd length around its middle.
  func correlated(_ kernel: [Double], alongRows: Bool, _ edge: Edge) -> Plane {
    let radius = kernel.count / 2
    let (count, lines) = alongRows ? (columns, rows) : (rows, columns)
    let (step, lineStep) = alongRows ? (1, columns) : (columns, 1)
    let places = (-radius..<count + radius).map { edge.place($0, count: count) }
    var result = self
    var line = Array(repeating: 0.0, count: places.count)
    for number in 0..<lines {
      for (index, place) in places.enumerated() {
        line[index] = place.map { Double(values[number * lineStep + $0 * step]) } ?? 0
      }
      for index in 0..<count {
        var sum = 0.0
        for offset in kernel.indices { sum += kernel[offset] * line[index + offset] }
        result.values[number * lineStep + index * step] = Float(sum)
      }
    }
    return result
  }

  /// Correlates with a square kernel of odd side around its middle.
  func correlated(_ kernel: [Double], side: Int, _ edge: Edge) -> Plane {
    let radius = side / 2
    let taps = kernel.indices.filter { kernel[$0] != 0 }.map {
      (row: $0 / side - radius, column: $0 % side - radius, weight: kernel[$0])
    }
    var result = self
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = 0.0
        for tap in taps {
          sum += tap.weight * Double(value(row + tap.row, column + tap.column, edge))
        }
        result.values[row * columns + column] = Float(sum)
      }
    }
    return result
  }

  /// Moves with a speed: each element is the weighted mean of those along a direction, as
  /// ImageMagick computes motion blur.
  ///
  /// - Parameter angle: in degrees, clockwise from the direction of rows.
  func motionBlurred(radius: Int, deviation: Double, angle: Double) -> Plane {
    let width = 2 * radius + 1
    var kernel = (0..<width).map { exp(-Double($0 * $0) / (2 * deviation * deviation)) }
    let sum = kernel.reduce(0, +)
    kernel = kernel.map { $0 / sum }
    let (down, right) = (sin(angle * .pi / 180), cos(angle * .pi / 180))
    let steps = (0..<width).map { number in
      (
        row: Int((Double(number) * down - 0.5).rounded(.up)),
        column: Int((Double(number) * right - 0.5).rounded(.up))
      )
    }
    var result = self
    for row in 0..<rows {
      for column in 0..<columns {
        var total = 0.0
        for (weight, step) in zip(kernel, steps) {
          total += weight * Double(value(row + step.row, column + step.column, .nearest))
        }
        result.values[row * columns + column] = Float(total)
      }
    }
    return result
  }

  /// The middle, enlarged to the size of the whole, linear between elements: SciPy's `zoom`.
  func enlarged(_ factor: Double) -> Plane {
    func axis(_ count: Int) -> (offset: Int, ratio: Double, trim: Int) {
      let kept = Int((Double(count) / factor).rounded(.up))
      let size = Int((Double(kept) * factor).rounded(.toNearestOrEven))
      let ratio = size > 1 ? Double(kept - 1) / Double(size - 1) : 0
      return ((count - kept) / 2, ratio, max(0, (size - count) / 2))
    }
    let (vertical, horizontal) = (axis(rows), axis(columns))
    return mapped(.nearest) { row, column in
      (
        Double(vertical.offset) + Double(row + vertical.trim) * vertical.ratio,
        Double(horizontal.offset) + Double(column + horizontal.trim) * horizontal.ratio
      )
    }
  }
}
