import Foundation
import LinearAlgebra

extension Corruption {
  /// The five blurs.
  func blur(_ image: inout Raster, using generator: inout SeededGenerator) {
    let constants = constants
    switch kind {
    case .defocusBlur:
      let (kernel, side) = Corruption.disk(radius: constants[0], softness: constants[1])
      image.planes = image.planes.map { $0.correlated(kernel, side: side, .mirror) }
    case .glassBlur: throughGlass(&image, using: &generator)
    case .motionBlur:
      let angle = 90 * generator.uniform() - 45
      image.planes = image.planes.map {
        $0.motionBlurred(radius: Int(constants[1]), deviation: constants[0], angle: angle)
      }
    case .zoomBlur:
      // Rounded as NumPy's ranges are: a factor decides how many pixels are cut off.
      let step = (1 + constants[1] / 100) - 1
      let factors = (0...Int(constants[0] / constants[1])).map { 1 + Double($0) * step }
      image.planes = image.planes.map { plane in
        var sum = plane.values.map(Double.init)
        for factor in factors {
          for (index, value) in plane.enlarged(factor).values.enumerated() {
            sum[index] += Double(value)
          }
        }
        let count = Double(factors.count + 1)
        return Plane(
          rows: plane.rows, columns: plane.columns, values: sum.map { Float($0 / count) })
      }
    default: image.planes = image.planes.map { $0.gaussian(constants[0]) }
    }
  }

  /// The kernel of a disk whose edge is softened by a normal curve of 3 or 5 elements.
  static func disk(radius: Double, softness: Double) -> (kernel: [Double], side: Int) {
    let reach = radius <= 8 ? 8 : Int(radius)
    let taps = radius <= 8 ? 1 : 2
    let side = 2 * reach + 1
    var disk = Plane(rows: side, columns: side)
    for place in disk.values.indices {
      let (row, column) = (place / side - reach, place % side - reach)
      disk.values[place] = Double(row * row + column * column) <= radius * radius ? 1 : 0
    }
    let area = disk.values.reduce(0, +)
    disk.values = disk.values.map { $0 / area }
    var curve = (-taps...taps).map { exp(-0.5 * pow(Double($0) / softness, 2)) }
    let sum = curve.reduce(0, +)
    curve = curve.map { $0 / sum }
    let soft = disk.correlated(curve, alongRows: true, .mirror)
      .correlated(curve, alongRows: false, .mirror)
    return (soft.values.map(Double.init), side)
  }

  /// Pixels change places with neighbours, from the last one to the first, between two blurs.
  private func throughGlass(_ image: inout Raster, using generator: inout SeededGenerator) {
    let constants = constants
    let (farthest, rounds) = (Int(constants[1]), Int(constants[2]))
    image.planes = image.planes.map { plane in
      var blurred = plane.gaussian(constants[0])
      for index in blurred.values.indices {
        blurred.values[index] = (255 * blurred.values[index]).rounded(.down) / 255
      }
      return blurred
    }
    let (rows, columns) = (image.rows, image.columns)
    for _ in 0..<rounds {
      for row in stride(from: rows - farthest, to: farthest, by: -1) {
        for column in stride(from: columns - farthest, to: farthest, by: -1) {
          // MNIST-C leaves every other pixel where it is.
          if scale == .mnist, generator.uniform() < 0.5 { continue }
          let right = generator.integer(below: 2 * farthest) - farthest
          let down = generator.integer(below: 2 * farthest) - farthest
          let here = row * columns + column
          let there = (row + down) * columns + column + right
          for plane in image.planes.indices { image.planes[plane].values.swapAt(here, there) }
        }
      }
    }
    image.planes = image.planes.map { $0.gaussian(constants[0]) }
  }
}
