public import ModelGraph
public import Networks
public import Support
public import Tensors

/// Lines up B's hidden units with A's, by whichever method.
public struct Matcher: Sendable {
  /// What units are compared by.
  public enum Method: String, Sendable, Hashable, CaseIterable {
    /// Their weights: coordinate descent (`WeightMatching`).
    case weights
    /// Their activations on data (`ActivationMatching`).
    case activations
    /// The loss of the midpoint, by straight-through gradients (`StraightThrough`).
    case straightThrough = "straight-through"
    /// Their weights, all groups at once (`FrankWolfe`).
    case frankWolfe = "frank-wolfe"

    /// Whether it needs examples.
    public var needsData: Bool { self == .activations || self == .straightThrough }
  }

  /// How tensors count in the inner products of weights.
  public enum Kernel: String, Sendable, Hashable, CaseIterable {
    /// As they are: the squared distance of the networks is made small.
    case linear
    /// Each divided by its norm: the sum of the tensors' cosines is made large, so that a layer of
    /// small weights counts as much as one of large ones.
    case cosine
  }

  /// How to match.
  public struct Options: Sendable {
    /// What units are compared by.
    public var method = Method.weights
    /// Seed, restarts, threads and start of every method.
    public var search = WeightMatching.Options()
    /// How tensors count.
    public var kernel = Kernel.linear
    /// Whether biases count.
    public var usesBiases = true
    /// The names of groups whose units stay where they are.
    public var frozenGroups: Set<String> = []
    /// What of activations is compared.
    public var statistic = ActivationMatching.Statistic.correlation
    /// How straight-through estimation trains.
    public var training = StraightThrough.Options()

    /// Makes options: weight matching.
    public init() {}
  }

  /// How to match.
  public var options: Options

  /// Makes a matcher.
  public init(_ options: Options = Options()) { self.options = options }

  /// Matches B to A.
  ///
  /// - Parameters:
  ///   - a: the network that stays.
  ///   - b: the network to permute, under A's names and in A's axis order.
  ///   - graph: A's graph.
  ///   - groups: the axes that move together.
  ///   - examples: the data, for methods that need them.
  ///   - progress: hears of the search.
  /// - Throws: `Diagnostic`: `usage` where data are needed and not given.
  public func match(
    _ a: Weights, _ b: Weights, graph: ModelGraph, groups: [PermutationGroup],
    examples: Dataset? = nil, progress: ProgressHandler? = nil
  ) throws -> WeightMatching.Result {
    let clock = ContinuousClock()
    let begin = clock.now
    let scope = try MatchingScope(
      [a, b], groups: groups, biases: graph.biasTensors, options: options)
    var search = options.search
    search.initial = scope.start
    func data() throws -> Dataset {
      guard let examples else {
        throw Diagnostic(
          .usage, "\(Wording("\(setting: .method)")) \(options.method.rawValue) needs examples",
          remedy: "give \(setting: .data)")
      }
      return examples
    }
    var result: WeightMatching.Result
    switch options.method {
    case .weights:
      result = try WeightMatching.match(
        scope.a, scope.b, groups: scope.groups, options: search, progress: progress)
    case .frankWolfe:
      result = try FrankWolfe.match(
        scope.a, scope.b, groups: scope.groups, options: search, progress: progress)
    case .activations:
      // Activations are those of the networks themselves; only groups can be left out.
      result = try ActivationMatching.match(
        a, scope.b, graph: graph, groups: scope.groups, examples: data(),
        statistic: options.statistic, jobs: search.jobs, progress: progress)
    case .straightThrough:
      result = try StraightThrough.match(
        scope.a, scope.b, graph: graph, groups: scope.groups, examples: data(), search: search,
        options: options.training, progress: progress)
    }
    result.permutations = scope.expanded(result.permutations)
    // The objective that everyone compares: all tensors, unweighted.
    result.objectiveBefore = MatchingProblem.objective(
      a, b, Permuting.identity(for: groups), of: groups)
    result.objectiveAfter = MatchingProblem.objective(a, b, result.permutations, of: groups)
    result.seconds = (clock.now - begin) / .seconds(1)
    return result
  }
}

extension ModelGraph {
  /// The tensors that are biases.
  var biasTensors: Set<String> {
    Set(parameters.filter { $0.role == .bias || $0.role == .recurrentBias }.map(\.tensor))
  }
}
