import Foundation
import LinearAlgebra

extension Corruption {
  /// The four kinds that draw for every element.
  func addNoise(to image: inout Raster, using generator: inout SeededGenerator) {
    let strength = constants[0]
    for plane in image.planes.indices {
      for index in image.planes[plane].values.indices {
        let value = image.planes[plane].values[index]
        switch kind {
        case .gaussianNoise:
          image.planes[plane].values[index] = value + Float(strength * generator.normal())
        case .shotNoise:
          let count = poisson(mean: Double(value) * strength, using: &generator)
          image.planes[plane].values[index] = Float(Double(count) / strength)
        case .impulseNoise:
          guard generator.uniform() < strength else { continue }
          image.planes[plane].values[index] = generator.uniform() < 0.5 ? 0 : 1
        default:
          image.planes[plane].values[index] = value * Float(1 + strength * generator.normal())
        }
      }
    }
  }

  /// A count of Poisson's law, by adding exponential waiting times (Devroye 1986, X.3).
  ///
  /// - Complexity: O(mean).
  private func poisson(mean: Double, using generator: inout SeededGenerator) -> Int {
    var count = 0
    var time = 0.0
    while true {
      time -= log(1 - generator.uniform())
      guard time < mean else { return count }
      count += 1
    }
  }
}
