import Networks
import Support
import Testing

/// Examples that are mixed with one another.
@Suite("Mixup")
struct MixupTests {
  @Test("each example lies between itself and one partner; the same for a seed")
  func mixed() throws {
    // Two coordinates tell both: the first is the example's own place.
    let places = (0..<64).map { Float($0) + 0.25 }
    let data = try Dataset(
      examples: places.flatMap { [$0, $0 * $0] }, exampleShape: [2],
      labels: (0..<64).map { Int32($0 % 3) })
    let mixed = try data.mixed(alpha: 16, seed: 1)
    #expect(mixed.labels == data.labels && mixed.exampleShape == data.exampleShape)
    var partners: Set<Int> = []
    for (row, own) in places.enumerated() {
      let (x, y) = (mixed.examples[2 * row], mixed.examples[2 * row + 1])
      // x = λa + (1 − λ)b and y = λa² + (1 − λ)b² give b = (y − a·x)/(x − a).
      guard abs(x - own) > 0.1 else { continue }
      let other = (y - own * x) / (x - own)
      let partner = Int((other - 0.25).rounded())
      #expect(abs(other - 0.25 - Float(partner)) < 0.05 && (0..<64).contains(partner), "\(row)")
      #expect(min(own, places[partner]) <= x && x <= max(own, places[partner]))
      partners.insert(partner)
    }
    // Partners are an order of the examples.
    #expect(partners.count >= 60)
    #expect(try data.mixed(alpha: 16, seed: 1).examples == mixed.examples)
    #expect(try data.mixed(alpha: 16, seed: 2).examples != mixed.examples)
  }

  @Test("tokens are not mixed")
  func tokens() throws {
    let data = try Dataset(examples: [3, 1, 4, 1, 5, 9], exampleShape: [2], labels: [0, 0, 0])
    #expect(throws: Diagnostic.self) { try data.mixed(alpha: 1, seed: 0) }
  }
}
