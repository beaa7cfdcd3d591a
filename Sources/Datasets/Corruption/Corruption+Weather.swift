import LinearAlgebra

extension Corruption {
  /// What lies between the lens and the scene.
  func addWeather(to image: inout Raster, using generator: inout SeededGenerator) {
    switch kind {
    case .fog: addFog(to: &image, using: &generator)
    case .frost: addFrost(to: &image, using: &generator)
    case .snow: addSnow(to: &image, using: &generator)
    default: addSpatter(to: &image, using: &generator)
    }
  }

  private func addFog(to image: inout Raster, using generator: inout SeededGenerator) {
    let constants = constants
    let clouds = PlasmaNoise(
      side: max(scale == .cifar ? 32 : 256, image.rows, image.columns), decay: constants[1],
      using: &generator
    ).cut(rows: image.rows, columns: image.columns)
    let brightest = image.maximum
    let factor = brightest / (brightest + Float(constants[0]))
    image.planes = image.planes.map { plane in
      var plane = plane
      for place in plane.values.indices {
        plane.values[place] =
          (plane.values[place] + Float(constants[0]) * clouds.values[place])
          * (brightest > 0 ? factor : 0)
      }
      return plane
    }
  }

  /// Ice: ridges of noise over a grey ground, bluish in colour.
  private func addFrost(to image: inout Raster, using generator: inout SeededGenerator) {
    let constants = constants
    let side = max(32, image.rows, image.columns)
    let ground = PlasmaNoise(side: side, decay: 1.6, using: &generator)
      .cut(rows: image.rows, columns: image.columns)
    let crystals = PlasmaNoise(side: side, decay: 1.3, using: &generator)
      .cut(rows: image.rows, columns: image.columns)
    let tints: [Float] = image.isColoured ? [0.85, 0.95, 1] : [0.95]
    for plane in image.planes.indices {
      let tint = tints[min(plane, tints.count - 1)]
      for place in image.planes[plane].values.indices {
        let ridge = 1 - abs(2 * crystals.values[place] - 1)
        let ice = tint * (0.25 + 0.35 * ground.values[place] + 0.4 * ridge * ridge * ridge)
        image.planes[plane].values[place] =
          Float(constants[1]) * image.planes[plane].values[place] + Float(constants[0]) * ice
      }
    }
  }

  private func addSnow(to image: inout Raster, using generator: inout SeededGenerator) {
    let c = constants
    var flakes = Plane(rows: image.rows, columns: image.columns)
    for place in flakes.values.indices {
      flakes.values[place] = Float(c[0] + c[1] * generator.normal())
    }
    flakes = flakes.enlarged(c[2])
    flakes.values = flakes.values.map { value in
      value < Float(c[3]) ? 0 : (255 * min(1, max(0, value))).rounded(.down) / 255
    }
    let angle = -135 + 90 * generator.uniform()
    flakes = flakes.motionBlurred(radius: Int(c[4]), deviation: c[5], angle: angle)
    let luma = image.luma
    let (kept, rest) = (Float(c[6]), Float(1 - c[6]))
    for plane in image.planes.indices {
      let last = image.planes[plane].values.count - 1
      for place in image.planes[plane].values.indices {
        let value = image.planes[plane].values[place]
        let whitened = max(value, luma.values[place] * 1.5 + 0.5)
        // Flakes, and the same flakes turned upside down.
        image.planes[plane].values[place] =
          kept * value + rest * whitened + flakes.values[place] + flakes.values[last - place]
      }
    }
  }

  private func addSpatter(to image: inout Raster, using generator: inout SeededGenerator) {
    let c = constants
    var liquid = Plane(rows: image.rows, columns: image.columns)
    for place in liquid.values.indices {
      liquid.values[place] = Float(c[0] + c[1] * generator.normal())
    }
    liquid = liquid.gaussian(c[2])
    liquid.values = liquid.values.map { $0 < Float(c[3]) ? 0 : $0 }
    let isMud = c[5] == 1
    var mask: Plane
    if isMud {
      mask = liquid
      mask.values = liquid.values.map { $0 > Float(c[3]) ? 1 : 0 }
      mask = mask.gaussian(c[4])
      mask.values = mask.values.map { $0 < 0.8 ? 0 : $0 }
    } else {
      mask = WaterDrops.mask(of: liquid)
      mask.values = mask.values.map { $0 * Float(c[4]) }
    }
    // Brown mud, turquoise water; on a single plane MNIST-C's grey, and the water's brightness.
    let colours: [Float] = isMud ? [63, 42, 20] : image.isColoured ? [175, 238, 238] : [219]
    for plane in image.planes.indices {
      let colour = colours[min(plane, image.isColoured ? 2 : 0)] / 255
      for place in image.planes[plane].values.indices {
        let value = image.planes[plane].values[place]
        let share = mask.values[place]
        image.planes[plane].values[place] = (isMud ? value * (1 - share) : value) + colour * share
      }
    }
  }
}

/// Noise that looks like clouds: a height map by midpoints of squares and diamonds (Fournier,
/// Fussell and Carpenter 1982) on a torus, from 0 to 1.
struct PlasmaNoise {
  private let map: Plane

  /// Draws a map.
  ///
  /// - Parameters:
  ///   - side: the least side; the next power of 2 is taken.
  ///   - decay: how much less each finer level varies.
  init(side: Int, decay: Double, using generator: inout SeededGenerator) {
    var size = 2
    while size < side { size *= 2 }
    var heights = Array(repeating: 0.0, count: size * size)
    var spread = 100.0
    var step = size
    func height(_ row: Int, _ column: Int) -> Double {
      heights[((row + size) % size) * size + (column + size) % size]
    }
    while step >= 2 {
      let half = step / 2
      // The spread is a factor, too: levels decay with its square, as in the benchmark.
      func wobble() -> Double { spread * spread * (2 * generator.uniform() - 1) }
      for row in stride(from: half, to: size, by: step) {
        for column in stride(from: half, to: size, by: step) {
          let sum =
            height(row - half, column - half) + height(row - half, column + half)
            + height(row + half, column - half) + height(row + half, column + half)
          heights[row * size + column] = sum / 4 + wobble()
        }
      }
      for row in stride(from: 0, to: size, by: half) {
        for column in stride(from: (row / half) % 2 == 0 ? half : 0, to: size, by: step) {
          let sum =
            height(row - half, column) + height(row + half, column) + height(row, column - half)
            + height(row, column + half)
          heights[row * size + column] = sum / 4 + wobble()
        }
      }
      step = half
      spread /= decay
    }
    let lowest = heights.min() ?? 0
    let range = max((heights.max() ?? 0) - lowest, .leastNormalMagnitude)
    map = Plane(
      rows: size, columns: size, values: heights.map { Float(($0 - lowest) / range) })
  }

  /// The upper left corner.
  func cut(rows: Int, columns: Int) -> Plane {
    var values: [Float] = []
    values.reserveCapacity(rows * columns)
    for row in 0..<rows {
      values += map.values[row * map.columns..<row * map.columns + columns]
    }
    return Plane(rows: rows, columns: columns, values: values)
  }
}
