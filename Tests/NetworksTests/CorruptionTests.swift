import Datasets
import Networks
import Support
import Testing

@Suite("Corruptions")
struct CorruptionTests {
  private static func images() async throws -> Dataset {
    try await DataSource.load("digits", split: .test).prefix(100)
  }

  private static func distance(_ a: Dataset, _ b: Dataset) -> Double {
    zip(a.examples, b.examples).reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) }
  }

  /// Kinds whose severities are more and more of one thing.
  private static let ordered: Set<Corruption.Kind> = [
    .gaussianNoise, .shotNoise, .impulseNoise, .speckleNoise, .gaussianBlur, .zoomBlur,
    .brightness, .contrast,
  ]

  @Test(
    "the same seed gives the same pixels of 8 bits, whatever the jobs; another seed others",
    arguments: Corruption.Kind.allCases, Corruption.Scale.allCases)
  func severities(_ kind: Corruption.Kind, _ scale: Corruption.Scale) async throws {
    let clean = try await Self.images()
    var last = 0.0
    for severity in 1...5 {
      let corruption = Corruption(kind, severity: severity, scale: scale)
      let changed = try corruption.applied(to: clean, seed: 4)
      #expect(try corruption.applied(to: clean, seed: 4, jobs: 3).examples == changed.examples)
      #expect(
        changed.examples.allSatisfy { (0...1).contains($0) && ($0 * 255).rounded() / 255 == $0 })
      #expect(changed.labels == clean.labels)
      let other = try corruption.applied(to: clean, seed: 5)
      // On 8 × 8 pixels there is no room for glass whose pixels move by 4.
      let isStill = kind.isDeterministic || (kind == .glassBlur && scale == .mnist && severity > 4)
      #expect((other.examples == changed.examples) == isStill)
      let distance = Self.distance(clean, changed)
      #expect(distance > 0)
      if Self.ordered.contains(kind) { #expect(distance > last, "\(severity)") }
      last = distance
    }
  }

  @Test("what becomes of an image depends on its place, not on the images after it")
  func places() async throws {
    let clean = try await Self.images()
    let corruption = Corruption(.spatter, severity: 5)
    let all = try corruption.applied(to: clean, seed: 1)
    let few = try corruption.applied(to: clean.prefix(7), seed: 1)
    #expect(few.examples == all.prefix(7).examples)
  }

  @Test(
    "images of any size and number of channels", arguments: Corruption.Kind.allCases,
    [[1, 1], [2, 3], [3, 40, 9], [5, 6, 4], [33, 7, 3]])
  func sizes(_ kind: Corruption.Kind, _ shape: [Int]) throws {
    let size = shape.reduce(1, *)
    let data = try Dataset(
      examples: (0..<2 * size).map { Float($0 % 17) / 16 }, exampleShape: shape, labels: [0, 0])
    for scale in Corruption.Scale.allCases {
      for severity in [1, 5] {
        let corruption = Corruption(kind, severity: severity, scale: scale)
        #expect(try corruption.applied(to: data, seed: 1).examples.count == 2 * size)
      }
    }
  }

  @Test("an explicit strength takes the severity's place")
  func strengths() async throws {
    let clean = try await Self.images()
    let explicit = Corruption(.gaussianBlur, severity: 1, strength: 0.8)
    let severe = Corruption(.gaussianBlur, severity: 4)
    #expect(
      try explicit.applied(to: clean, seed: 0).examples
        == severe.applied(to: clean, seed: 0).examples)
    for kind in Corruption.Kind.allCases {
      guard let range = kind.strengths else { continue }
      for strength in [range.lowerBound, range.upperBound] {
        let corruption = Corruption(kind, strength: strength)
        #expect(try corruption.applied(to: clean.prefix(3), seed: 0).count == 3)
      }
    }
  }

  /// One image whose corruption is known by hand.
  static let known: [(corruption: Corruption, before: [Float], after: [Float])] = [
    (Corruption(.inverse, severity: 5), [0, 0.25, 0.5, 1], [1, 0.75, 0.5, 0]),
    (Corruption(.contrast, severity: 2), [0, 0.2, 0.4, 1], [0.2, 0.3, 0.4, 0.7]),
    (Corruption(.brightness, severity: 4), [0, 0.2, 0.4, 1], [0.2, 0.4, 0.6, 1]),
    (Corruption(.gaussianBlur, severity: 5), [0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5]),
    (Corruption(.pixelate, severity: 5), [0, 0.2, 0.4, 1], [0.4, 0.4, 0.4, 0.4]),
    (Corruption(.stripe, severity: 1), [0, 0.2, 0.4, 1], [1, 0.8, 0.6, 0]),
    (Corruption(.stripe, strength: 1), [0, 0.2, 0.4, 1], [1, 0.2, 0.6, 1]),
    (Corruption(.stripe, strength: 9), [0, 0.2, 0.4, 1], [1, 0.8, 0.6, 0]),
  ]

  @Test("known images", arguments: known)
  func values(_ corruption: Corruption, before: [Float], after: [Float]) throws {
    let data = try Dataset(examples: before, exampleShape: [2, 2], labels: [0])
    let changed = try corruption.applied(to: data, seed: 0).examples
    for (value, expected) in zip(changed, after) { #expect(abs(value - expected) <= 0.502 / 255) }
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
    for kind in Corruption.Kind.allCases {
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
