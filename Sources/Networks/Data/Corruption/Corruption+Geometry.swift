import Foundation

extension Corruption {
  /// Moves every element towards the mean of its channel.
  func reduceContrast(of image: inout [Float], _ layout: ImageLayout) {
    let kept = strength([0.75, 0.5, 0.4, 0.3, 0.15])
    for channel in 0..<layout.channels {
      var sum = 0.0
      for row in 0..<layout.rows {
        for column in 0..<layout.columns {
          sum += Double(image[layout.index(channel, row, column)])
        }
      }
      let mean = sum / Double(layout.rows * layout.columns)
      for row in 0..<layout.rows {
        for column in 0..<layout.columns {
          let index = layout.index(channel, row, column)
          image[index] = Float(mean + kept * (Double(image[index]) - mean))
        }
      }
    }
  }

  /// Convolves rows, then columns, with a normal curve cut at four deviations.
  func blur(_ image: inout [Float], _ layout: ImageLayout) {
    let deviation = strength([0.4, 0.6, 0.7, 0.8, 1.0])
    let radius = Int((4 * deviation + 0.5).rounded(.down))
    var kernel = (-radius...radius).map { exp(-0.5 * pow(Double($0) / deviation, 2)) }
    let sum = kernel.reduce(0, +)
    kernel = kernel.map { $0 / sum }
    for channel in 0..<layout.channels {
      for row in 0..<layout.rows {
        let places = (0..<layout.columns).map { layout.index(channel, row, $0) }
        convolve(&image, along: places, kernel, radius)
      }
      for column in 0..<layout.columns {
        let places = (0..<layout.rows).map { layout.index(channel, $0, column) }
        convolve(&image, along: places, kernel, radius)
      }
    }
  }

  private func convolve(
    _ image: inout [Float], along places: [Int], _ kernel: [Double], _ radius: Int
  ) {
    let line = places.map { Double(image[$0]) }
    for (index, place) in places.enumerated() {
      var sum = 0.0
      for offset in -radius...radius {
        sum += kernel[offset + radius] * line[mirrored(index + offset, count: line.count)]
      }
      image[place] = Float(sum)
    }
  }

  /// The place inside that a place outside is the mirror image of, the edge counted twice.
  private func mirrored(_ index: Int, count: Int) -> Int {
    let turn = ((index % (2 * count)) + 2 * count) % (2 * count)
    return turn < count ? turn : 2 * count - 1 - turn
  }

  /// Gives every pixel the mean of its block, in a grid of `share` as many rows and columns.
  func pixelate(_ image: inout [Float], _ layout: ImageLayout) {
    let share = strength([0.95, 0.9, 0.85, 0.75, 0.65])
    let rows = max(1, Int(Double(layout.rows) * share))
    let columns = max(1, Int(Double(layout.columns) * share))
    for channel in 0..<layout.channels {
      var sums = Array(repeating: (total: 0.0, count: 0), count: rows * columns)
      func block(_ row: Int, _ column: Int) -> Int {
        row * rows / layout.rows * columns + column * columns / layout.columns
      }
      for row in 0..<layout.rows {
        for column in 0..<layout.columns {
          sums[block(row, column)].total += Double(image[layout.index(channel, row, column)])
          sums[block(row, column)].count += 1
        }
      }
      for row in 0..<layout.rows {
        for column in 0..<layout.columns {
          let part = sums[block(row, column)]
          image[layout.index(channel, row, column)] = Float(part.total / Double(part.count))
        }
      }
    }
  }
}
