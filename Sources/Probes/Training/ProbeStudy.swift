import LinearAlgebra
import Support

/// Trains probes of a method on several layers, folds and seeds, and judges them.
///
/// Layers are added one after the other, so that only one has to be in memory. In each fold the layer
/// is chosen by the validation models; the test models of the fold see that choice only.
public struct ProbeStudy: Sendable {
  /// What is done.
  public struct Options: Sendable {
    /// The method.
    public var method: any ProbeMethod
    /// Methods to compare it with, on the same splits.
    public var baselines: [any ProbeMethod] = []
    /// The splits of each seed.
    public var splits: [[ProbeSplit]]
    /// The group of each model: what is drawn together for intervals.
    public var groups: [Int]
    /// Sizes and training; the number of the repetition is added to its seed.
    public var settings = ProbeSettings()
    /// How many threads work; the result does not depend on it.
    public var jobs: Int?
    /// Asked before each probe whether to stop.
    public var shouldStop: @Sendable () -> Bool = { false }
    /// Told of each probe that is done.
    public var finished: @Sendable () -> Void = {}

    /// A study of a method.
    public init(method: any ProbeMethod, splits: [[ProbeSplit]], groups: [Int]) {
      self.method = method
      self.splits = splits
      self.groups = groups
    }
  }

  /// What a probe gave in one split.
  struct Trial: Sendable {
    var validation: Double
    var scores: Matrix<Double>
    var factor: Double
    var parameterCount: Int
  }

  /// What is done.
  public let options: Options
  let targets: ProbeTargets
  /// For each method, the layers it saw, and of each the trials by seed and split.
  private(set) var trials: [String: [(layer: String, trials: [[Trial]])]] = [:]

  /// Prepares a study.
  public init(_ targets: ProbeTargets, options: Options) {
    self.targets = targets
    self.options = options
  }

  /// Trains all methods that look at such input on a layer.
  ///
  /// - Parameters:
  ///   - layer: its name.
  ///   - input: the layer of all models, or their numbers.
  ///   - subject: what the input is.
  public mutating func add(
    _ layer: String, _ input: ProbeInput, _ subject: ProbeMethodDescription.Subject
  ) throws {
    for method in [options.method] + options.baselines
    where method.description.subject == subject {
      trials[method.description.name, default: []].append(
        (layer, try run(method, input)))
    }
  }

  /// Trains a method in all splits.
  private func run(_ method: any ProbeMethod, _ input: ProbeInput) throws -> [[Trial]] {
    let places = options.splits.indices.flatMap { seed in
      options.splits[seed].indices.map { (seed, $0) }
    }
    try method.prepare(input, jobs: options.jobs)
    // Small matrices leave threads nothing to share: then each split has a thread of its own.
    let isSmall = (input.stack?.elementCount ?? 0) < 1 << 16
    let found = try Parallel.map(count: places.count, jobs: isSmall ? options.jobs : 1) { index in
      guard !options.shouldStop() else {
        throw Diagnostic(
          .interrupted, "stopped before all probes were trained",
          remedy: "run the same command again")
      }
      let (seed, fold) = places[index]
      let split = options.splits[seed][fold]
      let jobs = isSmall ? 1 : options.jobs
      var settings = options.settings
      settings.training.seed &+= UInt64(seed)
      let fitted = try method.fit(
        input, targets, training: split.training, validation: split.validation,
        settings: settings, jobs: jobs)
      let validated = try fitted.scores(of: split.validation, in: input, jobs: jobs)
      let trial = Trial(
        validation: ProbeMetric.value(validated, targets, split.validation),
        scores: try fitted.scores(of: split.test, in: input, jobs: jobs),
        factor: isCalibrated(method)
          ? 1 : Calibration.factor(validated, targets, split.validation),
        parameterCount: fitted.parameterCount)
      options.finished()
      return trial
    }
    var result: [[Trial]] = []
    var next = 0
    for splits in options.splits {
      result.append(Array(found[next..<next + splits.count]))
      next += splits.count
    }
    return result
  }

  /// Whether a method's scores are shares up to a squashing. Cosines with texts are not: they lie between
  /// −1 and 1, however sure the network is.
  private func isCalibrated(_ method: any ProbeMethod) -> Bool {
    method.description.isCalibrated && options.settings.texts == nil
  }

  /// Trains a probe to be kept: on all models but those of the first split's validation, or, where the
  /// split is fixed, on its training models.
  ///
  /// - Parameters:
  ///   - input: the layer to take.
  ///   - isFixed: whether the test models are to be left out, too.
  /// - Returns: the probe, the factor that turns its scores into shares, and the models that it learned
  ///   from and was chosen by; nil where the method keeps nothing.
  public func finalProbe(_ input: ProbeInput, isFixed: Bool) throws -> FinalProbe? {
    guard let split = options.splits.first?.first else { return nil }
    let training = isFixed ? split.training : (split.training + split.test).sorted()
    let fitted = try options.method.fit(
      input, targets, training: training, validation: split.validation,
      settings: options.settings, jobs: options.jobs)
    let validated = try fitted.scores(of: split.validation, in: input, jobs: options.jobs)
    let factor =
      isCalibrated(options.method)
      ? 1 : Calibration.factor(validated, targets, split.validation)
    return try fitted.kept(from: input, jobs: options.jobs).map {
      FinalProbe(
        probe: $0, factor: factor, training: training, validation: split.validation,
        settings: fitted.settings ?? options.settings)
    }
  }
}

/// A probe to be kept.
public struct FinalProbe: Sendable {
  /// What predicts.
  public var probe: KeptProbe
  /// What its scores are multiplied by before they are squashed into shares.
  public var factor: Double
  /// The models that it learned from.
  public var training: [Int]
  /// The models that settings and states were chosen by.
  public var validation: [Int]
  /// The settings that it was trained with.
  public var settings: ProbeSettings
}
