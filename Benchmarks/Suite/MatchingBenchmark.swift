import Matching
import ModelGraph
import Tensors
import WeightFiles

/// Weight matching of two networks that are in memory, on one thread.
enum MatchingBenchmark {
  /// The mean over seeds of the least processor time of three runs, and of the objective.
  static func run(
    _ pathA: String, _ pathB: String, seedCount: Int, method: String = "weights"
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
        let options = WeightMatching.Options(seed: UInt64(seed), jobs: 1)
        result =
          method == "frank-wolfe"
          ? try FrankWolfe.match(a, b, groups: pair.groupsA, options: options)
          : try WeightMatching.match(a, b, groups: pair.groupsA, options: options)
      }
      processor += 1000 * best.processor / Double(seedCount)
      after += (result?.objectiveAfter ?? .nan) / Double(seedCount)
    }
    return ["matching": ["processor": processor, "after": after]]
  }

  /// The processor time of matching several networks together, and how far apart they are after.
  static func several(
    _ paths: [String], method: String
  ) async throws -> [String: [String: Double]] {
    let first = try await WeightFile.open(paths[0])
    let graph = try ModelGraph(first.catalog)
    var models: [Weights] = []
    var groups: [PermutationGroup] = []
    for path in paths {
      let file = try await WeightFile.open(path)
      let pair = try ModelPair(graph, ModelGraph(file.catalog))
      groups = pair.groupsA
      models.append(pair.alignedToA(try file.read(pair.tensorsBFromA.values.sorted())))
    }
    let options = WeightMatching.Options(jobs: 1)
    var result: MergeMany.Result?
    let best = try Stopwatch.best(of: 1) {
      result =
        method == "universe"
        ? try UniverseMatching.match(models, groups: groups, options: options)
        : try MergeMany.match(models, groups: groups, options: options)
    }
    return [
      method: [
        "processor": 1000 * best.processor, "after": result?.objectiveAfter ?? .nan,
        "rounds": Double(result?.rounds ?? 0),
      ]
    ]
  }
}
