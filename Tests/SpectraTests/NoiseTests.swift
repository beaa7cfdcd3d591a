import Foundation
import LinearAlgebra
import Spectra
import Tensors
import Testing

@Suite("Random matrices")
struct NoiseTests {
  @Test(
    "the law's distribution runs from 0 to 1 between its edges, and its mean is 1",
    arguments: [(10, 10), (40, 10), (1000, 3), (7, 5)])
  func law(_ long: Int, _ short: Int) {
    let law = MarchenkoPastur(longSide: long, shortSide: short)
    #expect(law.distribution(law.lowerEdge) == 0)
    #expect(law.distribution(law.upperEdge) == 1)
    #expect(abs(law.distribution(law.upperEdge - 1e-9) - 1) < 1e-4)
    #expect(abs(law.distribution(law.median) - 0.5) < 1e-9)
    // The mean is the upper edge minus the area under the distribution.
    let steps = 4000
    let width = (law.upperEdge - law.lowerEdge) / Double(steps)
    let area = (0..<steps).reduce(0.0) {
      $0 + width * law.distribution(law.lowerEdge + (Double($1) + 0.5) * width)
    }
    #expect(abs(law.upperEdge - area - 1) < 1e-4)
  }

  /// Gavish and Donoho's table: ω(1) = 2.858, ω(0.5) = 2.1711 (for the median of singular values).
  @Test("the threshold of Gavish and Donoho", arguments: [(100, 100, 2.858), (200, 100, 2.1711)])
  func threshold(_ long: Int, _ short: Int, _ omega: Double) throws {
    // A spectrum with median 1, and one value just below or just above the threshold.
    for (factor, rank) in [(0.999, 0), (1.001, 1)] {
      var values = Array(repeating: 0.9, count: 50) + [1] + Array(repeating: 1.1, count: 49)
      values.append(omega * factor)
      let bulk = try #require(
        NoiseBulk(values.map { $0 * $0 }, longSide: long, shortSide: short))
      #expect(bulk.optimalRank == rank)
    }
  }

  @Test("noise has its sigma and no spikes; planted directions are counted")
  func planted() throws {
    let (rows, columns) = (240, 120)
    let noise = normals([rows, columns], seed: 3, scale: 0.02)
    let quiet = try spectrum(noise, SpectrumOptions(shuffles: true))
    let bulk = try #require(quiet.noise)
    #expect(abs(bulk.sigma - 0.02) < 0.001)
    #expect(bulk.spikes == 0 && bulk.optimalRank == 0)
    #expect(quiet.shuffled?.traps == 0)
    #expect(abs((quiet.shuffled?.largest ?? 0) / quiet.largest - 1) < 0.1)
    var loud = noise
    for (direction, strength) in [1.0, 0.8].enumerated() {
      let (u, v) = (
        normals([rows], seed: 10 + UInt64(direction)),
        normals([columns], seed: 20 + UInt64(direction))
      )
      for row in 0..<rows {
        for column in 0..<columns {
          loud.values[row * columns + column] +=
            Float(strength) * u.values[row] * v.values[column] / Float(rows * columns).squareRoot()
            * 3
        }
      }
    }
    let strong = try spectrum(loud, SpectrumOptions(shuffles: true))
    #expect(strong.noise?.spikes == 2 && strong.noise?.optimalRank == 2)
    // The correlations are gone in the shuffled one.
    #expect((strong.shuffled?.largest ?? .infinity) < 0.2 * strong.largest)
    #expect((strong.shuffled?.distance ?? 0) > 2 * (quiet.shuffled?.distance ?? 1))
    // One huge element stays one wherever it is.
    var trap = noise
    trap.values[77] = 5
    #expect(try spectrum(trap, SpectrumOptions(shuffles: true)).shuffled?.traps == 1)
  }

  @Test("singular vectors of noise are spread, one that sits on an element is not")
  func vectors() throws {
    var tensor = normals([80, 50], seed: 8, scale: 0.1)
    for row in 0..<80 { tensor.values[row * 50 + 4] *= 60 }
    let spectrum = try spectrum(tensor, SpectrumOptions(measuresVectors: true))
    let vectors = try #require(spectrum.vectors)
    #expect(vectors.tailParticipation < vectors.bulkParticipation)
    #expect(vectors.bulkParticipation > 2 && vectors.bulkParticipation < 50.0.squareRoot())
    #expect(vectors.tailLocalization >= 1 && vectors.bulkLocalization <= 50)
  }

  private func spectrum(_ tensor: Tensor, _ options: SpectrumOptions) throws -> LayerSpectrum {
    let model = try SpectrumAnalysis.run(
      catalog([("w", tensor.shape)]), graph: nil, options: options
    ) { _ in tensor }
    return try #require(model.layers.first)
  }
}
