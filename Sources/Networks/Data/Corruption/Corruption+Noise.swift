import Foundation
import LinearAlgebra

extension Corruption {
  /// The four kinds that draw for every element.
  func addNoise(to image: inout [Float], using generator: inout SeededGenerator) {
    switch kind {
    case .gaussianNoise:
      let deviation = strength([0.04, 0.06, 0.08, 0.09, 0.10])
      for index in image.indices { image[index] += Float(deviation * generator.normal()) }
    case .shotNoise:
      let photons = strength([500, 250, 100, 75, 50])
      for index in image.indices {
        let mean = Double(image[index]) * photons
        image[index] = Float(Double(poisson(mean: mean, using: &generator)) / photons)
      }
    case .impulseNoise:
      let share = strength([0.01, 0.02, 0.03, 0.05, 0.07])
      for index in image.indices where generator.uniform() < share {
        image[index] = generator.uniform() < 0.5 ? 0 : 1
      }
    default:
      let deviation = strength([0.06, 0.10, 0.12, 0.16, 0.20])
      for index in image.indices { image[index] *= Float(1 + deviation * generator.normal()) }
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
