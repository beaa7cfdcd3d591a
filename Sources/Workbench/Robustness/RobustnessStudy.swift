public import Datasets
import ModelGraph
public import Networks
public import Support
import WeightFiles

/// The work of `wsl evaluate`: several networks on clean and corrupted images, each image corrupted
/// once for all of them.
public struct RobustnessStudy {
  /// One network's results.
  public struct Finding {
    /// On clean images.
    public var clean: Evaluation
    /// What the outputs are measured by.
    public var objective: Objective
    /// On corrupted ones, in the order of the severities that were asked for.
    public var corrupted: [Corruption.Kind: [Evaluation]] = [:]

    /// The errors alone.
    public var errors: CorruptionErrors {
      CorruptionErrors(
        clean: 1 - clean.accuracy, corrupted: corrupted.mapValues { $0.map { 1 - $0.accuracy } })
    }
  }

  /// The networks, in the order of the findings.
  public let models: [LoadedModel]
  /// The corruptions.
  public let kinds: [Corruption.Kind]
  /// The severities, from 1 to 5, of corruptions that have any.
  public let severities: [Int]
  /// What the severities mean.
  public let scale: Corruption.Scale
  /// The seed of every random corruption.
  public let seed: UInt64
  /// The classes that are kept of the data, for every network; nil takes each network's own.
  public let classes: [Int]?
  /// How many threads; nil for all cores.
  public let jobs: Int?

  /// The study of some networks; each property says what it is.
  public init(
    models: [LoadedModel], kinds: [Corruption.Kind], severities: [Int], scale: Corruption.Scale,
    seed: UInt64, classes: [Int]?, jobs: Int?
  ) {
    self.models = models
    self.kinds = kinds
    self.severities = severities
    self.scale = scale
    self.seed = seed
    self.classes = classes
    self.jobs = jobs
  }

  /// Measures everything.
  ///
  /// - Parameter data: clean images.
  public func findings(on data: Dataset, progress: ProgressHandler?) throws -> [Finding] {
    let conditions = kinds.flatMap { kind in
      // What has no severity is measured once.
      (kind.hasSeverity ? severities : [5]).map { Corruption(kind, severity: $0, scale: scale) }
    }
    var findings = try evaluate(on: data).map {
      Finding(clean: $0.evaluation, objective: $0.objective)
    }
    for (number, corruption) in conditions.enumerated() {
      progress?(
        ProgressUpdate(
          "evaluating", completed: number, total: conditions.count,
          detail: "\(corruption.kind.rawValue) \(corruption.severity)"))
      let corrupted = try corruption.applied(to: data, seed: seed, jobs: jobs)
      for (index, evaluation) in try evaluate(on: corrupted).enumerated() {
        findings[index].corrupted[corruption.kind, default: []].append(evaluation.evaluation)
      }
    }
    return findings
  }

  /// How many images are measured on: of the chosen classes, or of those that all networks name;
  /// where they name different ones, all.
  public func exampleCount(of data: Dataset) throws -> Int {
    let choices = Set(models.map { kept(of: data, for: $0) })
    guard choices.count == 1, let classes = choices.first ?? nil else { return data.count }
    return try data.keeping(classes: classes).count
  }

  private func kept(of data: Dataset, for model: LoadedModel) -> [Int]? {
    classes ?? model.classes.flatMap { data.classCount > $0.count ? $0 : nil }
  }

  /// All networks on one set of images; networks of one architecture share what is compiled.
  private func evaluate(
    on data: Dataset
  ) throws -> [(evaluation: Evaluation, objective: Objective)] {
    struct Key: Hashable {
      var fingerprint: String
      var classes: [Int]?
    }
    var evaluators: [Key: Evaluator] = [:]
    return try models.map { model in
      let chosen = kept(of: data, for: model)
      let key = Key(fingerprint: model.graph.fingerprint, classes: chosen)
      do {
        let evaluator =
          try evaluators[key]
          ?? Evaluator(
            graph: model.graph, dataset: try chosen.map(data.keeping) ?? data, jobs: jobs)
        evaluators[key] = evaluator
        return (try evaluator.evaluate(model.weights), evaluator.objective)
      } catch let error as Diagnostic {
        throw error.inside(model.path)
      }
    }
  }
}
