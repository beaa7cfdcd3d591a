import Foundation
import LinearAlgebra
import Spectra
import Testing

@Suite("Power laws")
struct PowerLawTests {
  /// Eigenvalues of a power law above 1, and a body below.
  private func sample(_ count: Int, alpha: Double, body: Int, seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    let tail = (0..<count).map { _ in pow(1 - generator.uniform(), -1 / (alpha - 1)) }
    return (tail + (0..<body).map { _ in 0.05 + 0.95 * generator.uniform() }).sorted()
  }

  /// Clauset, Shalizi and Newman's procedure, step by step and without short cuts.
  private func slow(_ data: [Double]) -> (alpha: Double, threshold: Double, distance: Double) {
    var best = (alpha: Double.nan, threshold: Double.nan, distance: Double.infinity)
    for start in data.indices.dropLast() {
      let tail = Array(data[start...])
      let sum = tail.reduce(0) { $0 + log($1 / data[start]) }
      let alpha = 1 + Double(tail.count) / sum
      var distance = 0.0
      for (index, value) in tail.enumerated() {
        let law = 1 - pow(value / data[start], 1 - alpha)
        distance = max(distance, abs(law - Double(index) / Double(tail.count)))
      }
      if distance < best.distance { best = (alpha, data[start], distance) }
    }
    return best
  }

  @Test(
    "the search agrees with the one that looks at everything",
    arguments: [(30, 0), (3, 0), (200, 100), (1000, 700), (80, 400)])
  func search(_ count: Int, _ body: Int) throws {
    for seed in 0..<4 {
      let data = sample(count, alpha: 2.7, body: body, seed: UInt64(seed))
      let fit = try #require(PowerLawFit(data))
      let exact = slow(data)
      #expect(fit.threshold == exact.threshold)
      #expect(abs(fit.alpha - exact.alpha) < 1e-9 * exact.alpha)
      #expect(abs(fit.distance - exact.distance) < 1e-10)
      #expect(fit.tailCount == data.count { $0 >= fit.threshold })
    }
  }

  @Test("a planted exponent is found, and its interval holds it; a law is told from what is none")
  func planted() throws {
    let data = sample(1500, alpha: 3, body: 0, seed: 1)
    let fit = try #require(PowerLawFit(data))
    #expect(abs(fit.alpha - 3) < 4 * fit.standardError)
    let generator = SeededGenerator(seed: 5)
    let confidence = try #require(fit.confidence(over: data, replicates: 40, generator: generator))
    #expect(confidence.interval.contains(fit.alpha) && confidence.interval.contains(3))
    #expect(confidence.goodness > 0.05)
    #expect(confidence == fit.confidence(over: data, replicates: 40, generator: generator))
    let flat = (1...1500).map { 1 + Double($0) / 100 }
    let none = try #require(PowerLawFit(flat))
    let doubt = try #require(none.confidence(over: flat, replicates: 40, generator: generator))
    #expect(doubt.goodness < confidence.goodness)
    #expect(fit.confidence(over: data, replicates: 0, generator: generator) == nil)
  }

  @Test("too few eigenvalues, or equal ones, have no law")
  func few() {
    #expect(PowerLawFit([]) == nil)
    #expect(PowerLawFit([1]) == nil)
    #expect(PowerLawFit([2, 2, 2]) == nil)
    #expect(HillEstimator.alpha([2, 2, 2]) == nil)
    #expect(HillEstimator.alpha([1]) == nil)
  }

  @Test("Hill's exponent of a pure law")
  func hill() throws {
    let data = sample(20_000, alpha: 2.5, body: 0, seed: 9)
    let alpha = try #require(HillEstimator.alpha(data))
    #expect(abs(alpha - 2.5) < 4 * 1.5 / 100)
  }
}
