import Foundation

extension Corruption {
  /// What changes elements by their value: brightness, saturation, contrast and the inversions.
  func recolour(_ image: inout Raster) {
    switch kind {
    case .brightness:
      let rise = Float(constants[0])
      image.changeColours { red, green, blue in
        // Hue and saturation stay: all three grow by one factor, and black becomes grey.
        let value = max(red, green, blue)
        let raised = min(1, value + rise)
        let factor = value > 0 ? raised / value : 0
        return value > 0
          ? (red * factor, green * factor, blue * factor) : (raised, raised, raised)
      }
    case .saturate: saturate(&image)
    case .contrast:
      for plane in image.planes.indices {
        let values = image.planes[plane].values
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        image.planes[plane].values = values.map {
          Float(mean + constants[0] * (Double($0) - mean))
        }
      }
    case .stripe:
      let columns = image.columns
      let inverted = strength.map { Corruption.middle(Int($0), of: columns) }
      for plane in image.planes.indices {
        for place in image.planes[plane].values.indices {
          let column = place % columns
          // MNIST-C's are seven columns of 28 on each side.
          guard
            inverted?.contains(column) ?? (4 * min(column, columns - 1 - column) < columns)
          else { continue }
          image.planes[plane].values[place] = 1 - image.planes[plane].values[place]
        }
      }
    default:
      for plane in image.planes.indices {
        image.planes[plane].values = image.planes[plane].values.map { 1 - $0 }
      }
    }
  }

  /// So many columns in the middle; where they cannot be, one to the left of it.
  private static func middle(_ count: Int, of columns: Int) -> Range<Int> {
    let width = min(count, columns)
    return ((columns - width) / 2)..<((columns - width) / 2 + width)
  }

  private func saturate(_ image: inout Raster) {
    let constants = constants
    let (factor, summand) = (constants[0], constants[1])
    func moved(_ value: Double) -> Double { min(1, max(0, value * factor + summand)) }
    image.changeColours { red, green, blue in
      var colour = HueSaturationValue(red: Double(red), green: Double(green), blue: Double(blue))
      colour.saturation = moved(colour.saturation)
      if scale == .mnist {
        colour.hue = moved(colour.hue)
        colour.value = moved(colour.value)
      }
      let (red, green, blue) = colour.mixed
      return (Float(red), Float(green), Float(blue))
    }
  }
}

extension Raster {
  /// Replaces the colour of every pixel. A single plane is grey, and becomes the brightness (ITU-R
  /// BT.709) of what its grey becomes; more planes than three are taken one by one.
  mutating func changeColours(_ change: (Float, Float, Float) -> (Float, Float, Float)) {
    guard !isColoured else {
      for place in planes[0].values.indices {
        (planes[0].values[place], planes[1].values[place], planes[2].values[place]) = change(
          planes[0].values[place], planes[1].values[place], planes[2].values[place])
      }
      return
    }
    for plane in planes.indices {
      for place in planes[plane].values.indices {
        let grey = planes[plane].values[place]
        let (red, green, blue) = change(grey, grey, grey)
        planes[plane].values[place] = 0.2125 * red + 0.7154 * green + 0.0721 * blue
      }
    }
  }
}

/// A colour by its hue (from 0 to 1 around the circle), saturation and value (Smith 1978).
struct HueSaturationValue {
  var hue: Double
  var saturation: Double
  var value: Double

  init(red: Double, green: Double, blue: Double) {
    value = max(red, green, blue)
    let spread = value - min(red, green, blue)
    saturation = value > 0 ? spread / value : 0
    guard spread > 0 else {
      hue = 0
      return
    }
    let sixth: Double
    if red == value {
      sixth = (green - blue) / spread
    } else if green == value {
      sixth = 2 + (blue - red) / spread
    } else {
      sixth = 4 + (red - green) / spread
    }
    hue = (sixth / 6) - (sixth / 6).rounded(.down)
  }

  /// Red, green and blue.
  var mixed: (red: Double, green: Double, blue: Double) {
    func part(_ offset: Double) -> Double {
      let place = (offset + hue * 6).truncatingRemainder(dividingBy: 6)
      return value - value * saturation * max(0, min(place, 4 - place, 1))
    }
    return (part(5), part(3), part(1))
  }
}
