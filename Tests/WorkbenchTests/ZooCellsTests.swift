import Testing

@testable import Workbench

/// Which models of a cell are paired.
@Suite("Pairs of the models of a cell")
struct ZooCellsTests {
  @Test("every pair is one model's, and no model has more than one pair more than another")
  func pairs() {
    for count in 1...9 {
      let pairs = (0..<count).map { ZooCells.partners(of: $0, among: count) }
      let all = pairs.enumerated().flatMap { place, others in others.map { Set([place, $0]) } }
      #expect(all.allSatisfy { $0.count == 2 })
      #expect(Set(all).count == all.count && all.count == count * (count - 1) / 2)
      let counts = pairs.map(\.count)
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= (count % 2 == 0 ? 1 : 0), "\(counts)")
    }
  }
}
