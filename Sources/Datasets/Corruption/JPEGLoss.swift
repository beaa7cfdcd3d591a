import Foundation

/// What an image loses in a baseline JPEG file (ITU-T T.81): colours at half the resolution, and
/// cosines of blocks of 8 × 8 rounded to the steps of the standard's tables. Entropy coding loses
/// nothing and is left out.
struct JPEGLoss {
  private let steps: (light: [Double], colour: [Double])

  /// Takes the tables of Annex K, scaled as the IJG's library scales them.
  ///
  /// - Parameter quality: 1 to 100.
  init(quality: Int) {
    let quality = min(100, max(1, quality))
    let percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
    func scaled(_ table: [Int]) -> [Double] {
      table.map { Double(min(255, max(1, ($0 * percent + 50) / 100))) }
    }
    steps = (scaled(JPEGLoss.light), scaled(JPEGLoss.colour))
  }

  /// The image, as a decoder would show it. Three planes are colours; others are grey, each for
  /// itself.
  func applied(to image: Raster) -> Raster {
    var result = image
    guard image.isColoured else {
      result.planes = image.planes.map { plane in
        coded(plane.map { Plane.byte($0) }, steps.light).map { $0 / 255 }
      }
      return result
    }
    let (red, green, blue) = (
      image.planes[0].map { Plane.byte($0) }, image.planes[1].map { Plane.byte($0) },
      image.planes[2].map { Plane.byte($0) }
    )
    func mixed(_ r: Float, _ g: Float, _ b: Float, _ shift: Float) -> Plane {
      var plane = red
      for place in plane.values.indices {
        let sum = r * red.values[place] + g * green.values[place] + b * blue.values[place]
        plane.values[place] = min(255, max(0, (sum + shift).rounded()))
      }
      return plane
    }
    let light = coded(mixed(0.299, 0.587, 0.114, 0), steps.light)
    let blueness = smooth(
      coded(halved(mixed(-0.168_735_9, -0.331_264_1, 0.5, 128)), steps.colour), like: light)
    let redness = smooth(
      coded(halved(mixed(0.5, -0.418_687_6, -0.081_312_4, 128)), steps.colour), like: light)
    for place in light.values.indices {
      let (y, b, r) = (
        light.values[place], blueness.values[place] - 128, redness.values[place] - 128
      )
      result.planes[0].values[place] = Plane.byte((y + 1.402 * r) / 255) / 255
      result.planes[1].values[place] =
        Plane.byte((y - 0.344_136_3 * b - 0.714_136_3 * r) / 255) / 255
      result.planes[2].values[place] = Plane.byte((y + 1.772 * b) / 255) / 255
    }
    return result
  }

  /// Means of 2 × 2 pixels, rounded down and up in turn. The last block is filled up with what lies
  /// beyond the right edge of the whole.
  private func halved(_ plane: Plane) -> Plane {
    let columns = ((plane.columns + 1) / 2 + 7) / 8 * 8
    var half = Plane(rows: (plane.rows + 1) / 2, columns: columns)
    for row in 0..<half.rows {
      for column in 0..<half.columns {
        let sum =
          plane.value(2 * row, 2 * column, .nearest)
          + plane.value(2 * row, 2 * column + 1, .nearest)
          + plane.value(2 * row + 1, 2 * column, .nearest)
          + plane.value(2 * row + 1, 2 * column + 1, .nearest)
        let bias: Float = column % 2 == 0 ? 1 : 2
        half.values[row * half.columns + column] = ((sum + bias) / 4).rounded(.down)
      }
    }
    return half
  }

  /// Twice the size, a pixel three quarters of the nearer and one quarter of the farther one.
  private func smooth(_ plane: Plane, like whole: Plane) -> Plane {
    let last = (whole.columns + 1) / 2 - 1
    var result = whole
    for row in 0..<whole.rows {
      for column in 0..<whole.columns {
        let (y, x) = (row / 2, column / 2)
        let (far, side) = (row % 2 == 0 ? y - 1 : y + 1, min(last, column % 2 == 0 ? x - 1 : x + 1))
        let sum =
          9 * plane.value(y, x, .nearest) + 3 * plane.value(far, x, .nearest)
          + 3 * plane.value(y, side, .nearest) + plane.value(far, side, .nearest)
        result.values[row * whole.columns + column] = ((sum + 7.5) / 16).rounded(.down)
      }
    }
    return result
  }

  /// Each block's cosines rounded to whole steps, and back. What is beyond the edge repeats it.
  private func coded(_ plane: Plane, _ steps: [Double]) -> Plane {
    var result = plane
    var block = Array(repeating: 0.0, count: 64)
    for top in stride(from: 0, to: plane.rows, by: 8) {
      for left in stride(from: 0, to: plane.columns, by: 8) {
        for place in 0..<64 {
          block[place] =
            Double(plane.value(top + place / 8, left + place % 8, .nearest)) - 128
        }
        var cosines = JPEGLoss.transformed(block, isInverse: false)
        for place in 0..<64 {
          cosines[place] = (cosines[place] / steps[place]).rounded() * steps[place]
        }
        let back = JPEGLoss.transformed(cosines, isInverse: true)
        for place in 0..<64 where top + place / 8 < plane.rows && left + place % 8 < plane.columns {
          result.values[(top + place / 8) * plane.columns + left + place % 8] = Float(
            min(255, max(0, (back[place] + 128).rounded())))
        }
      }
    }
    return result
  }

  /// The discrete cosine transform of 8 × 8, orthonormal, or its inverse.
  private static func transformed(_ block: [Double], isInverse: Bool) -> [Double] {
    var half = Array(repeating: 0.0, count: 64)
    var result = half
    func basis(_ out: Int, _ index: Int) -> Double {
      isInverse ? cosines[index * 8 + out] : cosines[out * 8 + index]
    }
    for row in 0..<8 {
      for out in 0..<8 {
        half[row * 8 + out] = (0..<8).reduce(0) { $0 + basis(out, $1) * block[row * 8 + $1] }
      }
    }
    for column in 0..<8 {
      for out in 0..<8 {
        result[out * 8 + column] = (0..<8).reduce(0) {
          $0 + basis(out, $1) * half[$1 * 8 + column]
        }
      }
    }
    return result
  }

  private static let cosines: [Double] = (0..<64).map { place in
    let (frequency, index) = (place / 8, place % 8)
    let scale = frequency == 0 ? 0.125.squareRoot() : 0.5
    return scale * cos(Double(2 * index + 1) * Double(frequency) * .pi / 16)
  }

  private static let light = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
  ]

  private static let colour = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  ]
}

extension Plane {
  /// Each element changed.
  func map(_ change: (Float) -> Float) -> Plane {
    Plane(rows: rows, columns: columns, values: values.map(change))
  }
}
