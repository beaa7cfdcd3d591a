import Matching
import Testing

@Suite(.enabled(if: ReferencePair.areAtHand, "the trained networks are not at hand"))
struct ReferencePairTests {
  /// Order and ties make single descents differ by about 0.1 %: none may be more than 0.2 % above the
  /// reference's worst of five, nor the best of eight more than 0.1 % above its best.
  @Test(arguments: ReferencePair.all)
  func reachesTheReferenceFigures(_ pair: ReferencePair) async throws {
    let (a, b, groups) = try await pair.load()
    for seed in 0..<5 as Range<UInt64> {
      let result = try WeightMatching.match(a, b, groups: groups, options: .init(seed: seed))
      #expect(abs(result.objectiveBefore - pair.before) < 0.001)
      #expect(result.objectiveAfter <= 1.002 * pair.worst)
    }
    let best = try WeightMatching.match(a, b, groups: groups, options: .init(restarts: 8))
    #expect(best.objectiveAfter <= 1.001 * pair.best)
    print("\(pair): \(best.objectiveAfter), descent \(best.restart), \(best.seconds) s")
  }
}
