import ArgumentParser
import Matching
import ModelGraph
import Networks
import Support
import Workbench

extension MatchingOptions {
  /// Lines B up with A by more than orders of units, where that is asked for; nil where the orders alone
  /// are to be searched, or the networks have nothing else.
  func matchSymmetries(
    _ pair: LoadedPair, examples: Dataset?, jobs: Int?, progress: ProgressHandler?
  ) throws -> WeightMatching.Result? {
    guard symmetries != .permutation else { return nil }
    let graph = pair.graphOfBoth
    let groups = try graph.symmetries().groups
    let isLarger = groups.contains { $0.kind != .permutation }
    guard isLarger else { return nil }
    try pair.requireWhole()
    var options = GaugeMatching.Options()
    options.level = symmetries
    options.seed = seed
    options.restarts = restarts
    options.jobs = jobs
    options.usesCosines = kernel == .cosine
    if method == .straightThrough, let examples {
      var learning = GaugeLearning(examples: examples)
      learning.epochs = epochs
      learning.learningRate = learningRate
      options.learning = learning
    }
    let found = try GaugeMatching.match(
      pair.weightsA, pair.weightsB, graph: graph, options: options, progress: progress)
    var result = WeightMatching.Result(
      permutations: Permuting.identity(for: pair.pair.groupsA),
      objectiveBefore: found.objectiveBefore, objectiveAfter: found.objectiveAfter,
      sweeps: found.sweeps, restart: found.restart, seconds: found.seconds)
    result.gauge = found
    return result
  }

  /// How much of the memory that may be taken the two networks themselves may: the search holds them in
  /// canonical form, too, and what it gives.
  func share(ofMemory limit: Int?) -> Int? {
    symmetries == .permutation ? limit : limit.map { $0 / 5 * 2 }
  }

  /// Refuses what goes with orders of units alone.
  func checkSymmetries() throws {
    guard symmetries != .permutation else { return }
    let refused: [(Bool, String)] = [
      (![.weights, .straightThrough].contains(method), "--method \(method.rawValue)"),

      (!biases, "--no-biases"), (!frozen.isEmpty, "--freeze"),
    ]
    if let (_, name) = refused.first(where: \.0) {
      throw ValidationError("\(name) goes with --symmetries permutation only.")
    }
  }
}
