import Matching
import Tensors
import Testing
import WeightFiles

@Suite(.enabled(if: ReferencePair.areAtHand, "the trained networks are not at hand"))
struct ReferencePairTests {
  /// Order and ties make single descents differ by about 0.1 %: none may be more than 0.2 % above the
  /// reference's worst of five, nor the best of eight more than 0.05 % above its best.
  @Test(arguments: ReferencePair.all)
  func reachesTheReferenceFigures(_ pair: ReferencePair) async throws {
    let (a, b, groups) = try await pair.load()
    for seed in 0..<5 as Range<UInt64> {
      let result = try WeightMatching.match(a, b, groups: groups, options: .init(seed: seed))
      #expect(abs(result.objectiveBefore - pair.before) < 0.001)
      #expect(result.objectiveAfter <= 1.002 * pair.worst)
    }
    let best = try WeightMatching.match(a, b, groups: groups, options: .init(restarts: 8))
    #expect(best.objectiveAfter <= 1.0005 * pair.best)
  }

  /// R is near 0 before and rises as the matching aligns the strong singular directions. The figures
  /// are those of NumPy's decomposition after a SciPy matching of this pair; equally good matchings
  /// differ by about 0.01 where γ keeps few vectors.
  @Test func alignmentRisesWithTheMatch() async throws {
    let (a, b, groups) = try await ReferencePair.all[0].load()
    let kernels = a.filter { $0.value.shape.count == 2 }.keys.sorted().map {
      LayerAlignment.Kernel(tensor: $0, outputAxis: 0)
    }
    let result = try WeightMatching.match(a, b, groups: groups)
    let alignment = try LayerAlignment(a, b, kernels: kernels)
    let before = try alignment.ratios().map { $0 ?? .nan }
    let after = try alignment.ratios(permutations: result.permutations, of: groups)
      .map { $0 ?? .nan }
    for (ratio, expected) in zip(after, [0.0678, 0.1042, 0.1944, 0.3721, 0.6274]) {
      #expect(abs(ratio - expected) < 0.015)
    }
    for ratio in before.prefix(4) { #expect(abs(ratio) < 0.05) }
  }
}
