import Matching
import ModelGraph
import WeightFiles

/// Weight matching of two networks that are in memory, on one thread.
enum MatchingBenchmark {
  /// The mean over seeds of the least processor time of three runs, and of the objective.
  static func run(
    _ pathA: String, _ pathB: String, seedCount: Int
  ) async throws -> [String: [String: Double]] {
    let fileA = try await WeightFile.open(pathA)
    let fileB = try await WeightFile.open(pathB)
    let pair = try ModelPair(ModelGraph(fileA.catalog), ModelGraph(fileB.catalog))
    let a = try fileA.read(pair.tensorsBFromA.keys.sorted())
    let b = pair.alignedToA(try fileB.read(pair.tensorsBFromA.values.sorted()))
    var processor = 0.0
    var after = 0.0
    for seed in 0..<seedCount {
      var result: WeightMatching.Result?
      let best = try Stopwatch.best(of: 3) {
        result = try WeightMatching.match(
          a, b, groups: pair.groupsA,
          options: WeightMatching.Options(seed: UInt64(seed), jobs: 1))
      }
      processor += 1000 * best.processor / Double(seedCount)
      after += (result?.objectiveAfter ?? .nan) / Double(seedCount)
    }
    return ["matching": ["processor": processor, "after": after]]
  }
}
