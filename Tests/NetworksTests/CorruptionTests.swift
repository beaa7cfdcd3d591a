import Networks
import Testing
import WorkbenchCore

@Suite("Corruptions")
struct CorruptionTests {
  private static func images() async throws -> Dataset {
    try await DataSource.load("digits", split: .test).prefix(100)
  }

  private static func distance(_ a: Dataset, _ b: Dataset) -> Double {
    zip(a.examples, b.examples).reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) }
  }

  @Test(
    "the same seed gives the same pixels, from 0 to 1; severities change more and more",
    arguments: Corruption.Kind.allCases)
  func severities(_ kind: Corruption.Kind) async throws {
    let clean = try await Self.images()
    var last = 0.0
    for severity in 1...5 {
      let corruption = Corruption(kind, severity: severity)
      let changed = try corruption.applied(to: clean, seed: 4)
      #expect(try corruption.applied(to: clean, seed: 4).examples == changed.examples)
      #expect(changed.examples.allSatisfy { (0...1).contains($0) })
      #expect(changed.labels == clean.labels)
      let distance = Self.distance(clean, changed)
      // On 8 × 8 pixels, pixelate rounds two severities to the same grid; an inverse has none.
      #expect(kind == .inverse || kind == .pixelate ? distance >= last : distance > last)
      last = distance
    }
    #expect(last > 0)
  }

  /// One image whose corruption is known by hand.
  static let known: [(corruption: Corruption, before: [Float], after: [Float])] = [
    (Corruption(.inverse, severity: 5), [0, 0.25, 0.5, 1], [1, 0.75, 0.5, 0]),
    (Corruption(.contrast, severity: 2), [0, 0.2, 0.4, 1], [0.2, 0.3, 0.4, 0.7]),
    (Corruption(.brightness, severity: 4), [0, 0.2, 0.4, 1], [0.2, 0.4, 0.6, 1]),
    (Corruption(.gaussianBlur, severity: 5), [0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5]),
    (Corruption(.pixelate, severity: 5), [0, 0.2, 0.4, 1], [0.4, 0.4, 0.4, 0.4]),
  ]

  @Test("known images", arguments: known)
  func values(_ corruption: Corruption, before: [Float], after: [Float]) throws {
    let data = try Dataset(examples: before, exampleShape: [2, 2], labels: [0])
    let changed = try corruption.applied(to: data, seed: 0).examples
    for (value, expected) in zip(changed, after) { #expect(abs(value - expected) < 1e-6) }
  }

  @Test("noise has the spread that its severity says")
  func noise() throws {
    let grey = try Dataset(
      examples: Array(repeating: 0.5, count: 40_000), exampleShape: [100, 100],
      labels: [0, 0, 0, 0])
    // Of 40 000 draws a deviation is known to 0.35 %; 2 % is over five of its deviations.
    // Poisson's counts have the deviation √(0.5 · photons).
    let spreads: [(Corruption.Kind, Double)] = [
      (.gaussianNoise, 0.08), (.speckleNoise, 0.06), (.shotNoise, (0.5 / 100).squareRoot()),
      (.impulseNoise, 0.5 * 0.03.squareRoot()),
    ]
    for (kind, spread) in spreads {
      let noisy = try Corruption(kind, severity: 3).applied(to: grey, seed: 1)
      let square = noisy.examples.reduce(0) { $0 + pow2(Double($1) - 0.5) } / 40_000
      // Impulses are counted: 1200 ± 5 · 34.
      let tolerance = kind == .impulseNoise ? 0.08 : 0.02
      #expect(abs(square.squareRoot() / spread - 1) < tolerance, "\(kind)")
    }
  }

  private func pow2(_ value: Double) -> Double { value * value }

  @Test("channels first and last are corrupted alike")
  func layouts() throws {
    let planar: [Float] = (0..<75).map { place in Float((place * 37) % 75) / 75 }
    let interleaved: [Float] = (0..<75).map { place in planar[(place % 3) * 25 + place / 3] }
    for kind in [Corruption.Kind.contrast, .gaussianBlur, .pixelate] {
      let corruption = Corruption(kind, severity: 4)
      let first = try corruption.applied(
        to: Dataset(examples: planar, exampleShape: [3, 5, 5], labels: [0]), seed: 0)
      let last = try corruption.applied(
        to: Dataset(examples: interleaved, exampleShape: [5, 5, 3], labels: [0]), seed: 0)
      let expected: [Float] = (0..<75).map { place in
        let (pixel, channel) = (place / 3, place % 3)
        return first.examples[channel * 25 + pixel]
      }
      #expect(last.examples == expected)
    }
  }

  @Test("what is no image, or not from 0 to 1, is refused")
  func refused() throws {
    let flat = try Dataset(examples: [0, 1], exampleShape: [2], labels: [0])
    let wide = try Dataset(examples: [0, 2, 0, 0], exampleShape: [2, 2], labels: [0])
    for data in [flat, wide] {
      let error = #expect(throws: Diagnostic.self) {
        try Corruption(.contrast, severity: 1).applied(to: data, seed: 0)
      }
      #expect(error?.code == .usage)
    }
  }
}
