public import ArgumentParser
import Datasets
public import Matching
import ModelGraph
import Networks
import Support
import Workbench

/// What units are compared by, where nothing else is called a method.
struct MatchingMethodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What units are compared by: weights, activations, straight-through or frank-wolfe.",
      discussion: MatchingMethodOptions.discussion))
  var method: Matcher.Method = .weights

  static let discussion = """
    weights compares weights, one group at a time; frank-wolfe does all groups at once, which \
    takes three times as long, ends closer, and rarely gets stuck on residual networks; \
    activations compares what units do on --data; straight-through makes the loss of the midpoint on \
    --data small. With --symmetries beyond permutation: weights or straight-through.
    """
}

/// How two networks are matched.
struct MatchingOptions: ParsableArguments {
  @OptionGroup(title: "The network") var stated: GraphOptions

  @Option(help: "How many starts, of which the best is kept.")
  var restarts = 1

  @Option(help: "The seed of every random choice.")
  var seed: UInt64 = 0

  /// What units are compared by; each command has its own option for it.
  var method: Matcher.Method = .weights

  @Option(
    help: ArgumentHelp(
      "What is searched: permutation, signed, orthogonal or auto.",
      discussion: MatchingOptions.symmetriesDiscussion))
  var symmetries: SymmetryLevel = .permutation

  static let symmetriesDiscussion = """
    permutation searches orders of units alone; signed also their signs; orthogonal also rotations of \
    the residual stream of a transformer and maps within its heads, with gains folded for the search; \
    auto is orthogonal where the network has more than orders. What is found is given in A's own form, \
    and computes what B computes.
    """

  @Option(help: "How tensors count: linear, as they are, or cosine, each divided by its norm.")
  var kernel: Matcher.Kernel = .linear

  @Flag(inversion: .prefixedNo, help: "Whether biases count.")
  var biases = true

  @Option(
    name: .customLong("freeze"),
    help: ArgumentHelp("Leave this group's units in place; may be repeated.", valueName: "group"))
  var frozen: [String] = []

  @Option(help: "What of activations is compared: correlation, covariance or uncentred.")
  var statistic: ActivationMatching.Statistic = .correlation

  @Option(help: "How often straight-through matching sees the data.")
  var epochs = 5

  @Option(help: "The learning rate of straight-through matching (Adam).")
  var learningRate = 0.001

  func validate() throws {
    try checkSymmetries()
    if restarts < 1 { throw ValidationError("--restarts takes a number from 1 up.") }
    if epochs < 1 { throw ValidationError("--epochs takes a number from 1 up.") }
    if !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate takes a number above 0.")
    }
  }

  /// What the user states about the networks.
  var statement: GraphStatement { stated.statement }

  /// The same with that method.
  func by(_ method: Matcher.Method) -> MatchingOptions {
    var copy = self
    copy.method = method
    return copy
  }

  /// Lines B's weights up with A's.
  ///
  /// - Parameters:
  ///   - examples: training data, for methods that need them: see `examples(from:limit:)`.
  ///   - initial: where the search starts, one permutation a group; nil for B as it is.
  func match(
    _ pair: LoadedPair, examples: Dataset? = nil, initial: [[Int]]? = nil, jobs: Int?,
    progress: ProgressHandler?
  ) throws -> WeightMatching.Result {
    if let found = try matchSymmetries(
      pair, examples: examples, jobs: jobs, progress: progress)
    {
      return found
    }
    // By weights, matching finds those that it looks at itself; activations may hide them.
    if method.needsData, let broken = pair.brokenElement { throw broken }
    do {
      return try Matcher(options(jobs: jobs, initial: initial)).match(
        pair.weightsA, pair.weightsB, graph: pair.graph, groups: pair.pair.groupsA,
        examples: examples, progress: progress)
    } catch let error as Diagnostic {
      // Matching knows neither files nor B's names; the user knows nothing else.
      throw pair.brokenElement ?? error
    }
  }

  /// Opens networks, and lines all up with the first where that is asked for.
  ///
  /// - Parameter data: where a method that needs examples finds them.
  func load(
    _ paths: [String], isMatched: Bool, data: DataReference?, jobs: Int?, maxMemory: Int? = nil,
    acceptsHeads: Bool = false,
    progress: ProgressHandler?
  ) async throws -> MatchedModels {
    let examples = isMatched ? try await examples(from: data, limit: nil) : nil
    let telling = isMatched ? try await tellingExamples(from: data) : nil
    return try await MatchedModels.load(
      paths, statement: statement, jobs: jobs,
      maxMemory: isMatched ? share(ofMemory: maxMemory) : maxMemory, acceptsHeads: acceptsHeads,
      examples: telling,
      match: isMatched
        ? { try match($0, examples: examples, jobs: jobs, progress: progress) } : nil)
  }

  /// Examples that tell readings of a network apart, where the user names data: training examples, or
  /// those of the test where there are no others.
  func tellingExamples(from data: DataReference?) async throws -> Dataset? {
    guard let data else { return nil }
    if let train = try? await data.load(split: .train), train.count > 0 {
      return train
    }
    return try await data.load(split: .test)
  }

  /// The options of the algorithms.
  func options(jobs: Int?, initial: [[Int]]? = nil) -> Matcher.Options {
    var options = Matcher.Options()
    options.method = method
    options.search = WeightMatching.Options(
      seed: seed, restarts: restarts, jobs: jobs, initial: initial)
    options.kernel = kernel
    options.usesBiases = biases
    options.frozenGroups = Set(frozen)
    options.statistic = statistic
    options.training.epochs = epochs
    options.training.learningRate = learningRate
    return options
  }

  /// The training examples, where the method needs any.
  ///
  /// - Parameters:
  ///   - data: the data set, if the user gave one.
  ///   - limit: use only so many, the first ones.
  func examples(from data: DataReference?, limit: Int?) async throws -> Dataset? {
    guard method.needsData else { return nil }
    guard let data else {
      throw Diagnostic(
        .usage, "--method \(method.rawValue) needs examples", remedy: "give --data")
    }
    let all = try await data.load(split: .train)
    return limit.map { all.prefix($0) } ?? all
  }
}

extension Matcher.Method: ExpressibleByArgument, Decodable {}
extension Matcher.Kernel: ExpressibleByArgument {}
extension SymmetryLevel: ExpressibleByArgument, Decodable {}
extension ActivationMatching.Statistic: ExpressibleByArgument {}
