import LinearAlgebra
import Probes
import Support
import Synchronization
import WeightFiles
import ZooIndex

extension ProbeRun {
  /// What the study does, with the splits of all repetitions.
  func studyOptions(
    _ models: ProbeModels, _ labels: ProbeLabels,
    _ groups: [[(layer: ModelLayers.Layer, rank: Int?)]]
  ) throws -> ProbeStudy.Options {
    let seed = options.settings.training.seed
    let splits = try (0..<max(1, options.seeds)).map { repetition in
      options.split == nil
        ? try ProbeSplit.folds(
          labels.targets, groups: models.groups, count: options.folds,
          seed: seed &+ UInt64(repetition))
        : try givenSplits(models)
    }
    if case .classes(let classes, _) = labels.targets {
      for split in splits.joined() where Set(split.training.map { classes[$0] }).count < 2 {
        throw Diagnostic(
          .badData, "a part to learn from has one class only", at: [options.target],
          remedy: "take fewer folds, or keep fewer models together")
      }
    }
    var study = ProbeStudy.Options(method: trained, splits: splits, groups: models.groups)
    study.settings = options.settings
    if let texts = options.texts {
      guard labels.task == .classes else {
        throw Diagnostic(
          .usage, "vectors of texts stand for classes, and the target is \(labels.task.phrase)",
          at: [options.target], remedy: "choose a target of one class a model")
      }
      study.settings.texts = try texts.vectors(of: labels.classes, column: options.target)
    }
    study.jobs = options.reading.jobs
    study.shouldStop = options.reading.shouldStop
    if options.hasBaselines {
      let own = options.method.description
      study.baselines = ProbeMethods.all.filter { method in
        let other = method.description
        guard other.name != own.name else { return false }
        if case .numbers = labels.targets, !other.tellsNumbers { return false }
        return other.subject == .nothing
          || other.subject == .statistics && own.subject == .statistics
          || other.subject == .layer && own.subject == .layer
            && ["dense", "moments", "nearest"].contains(other.name)
      }
    }
    if options.hasExperts {
      // The one for all stands beside the mixture, and so do both of each other method.
      let others = study.baselines.filter {
        $0.description.subject == .layer && $0.description.name != "nearest"
      }
      study.baselines = [options.method] + study.baselines + others.map { TreeExperts($0) }
    }
    let methods = [study.method] + study.baselines
    let layerCount = groups.reduce(0) { $0 + $1.count }
    let trials = methods.reduce(0) {
      $0 + ($1.description.subject == .layer ? layerCount : 1) * splits.joined().count
    }
    let done = Mutex(0)
    study.finished = { [progress] in
      let count = done.withLock { count in
        count += 1
        return count
      }
      progress?(ProgressUpdate("training probes", completed: count, total: trials))
    }
    return study
  }

  /// The learning curves of the method and of those that a classifier of numbers is compared with.
  func curve(_ study: ProbeStudy, _ input: ProbeInput?) throws -> LearningCurve? {
    guard let input else { return nil }
    let own = options.method.description
    let others = study.options.baselines.filter {
      let other = $0.description
      return other.subject == own.subject && other.isKept && other.name != own.name
        && own.subject == .statistics
    }
    return try study.learningCurve(input, of: [options.method] + others)
  }

  /// The method whose probe is kept: a mixture of experts where one is asked for.
  var trained: any ProbeMethod {
    options.hasExperts ? TreeExperts(options.method) : options.method
  }

  /// The splits that a column says: a fold's number, or a part.
  private func givenSplits(_ models: ProbeModels) throws -> [ProbeSplit] {
    guard hasGivenFolds(models) else { return [try fixedSplit(models)] }
    do { return try ProbeSplit.given(models.parts.compactMap { Int($0) }) } catch let error
      as Diagnostic
    {
      throw error.inside(options.split ?? "")
    }
  }

  /// Whether a column is given whose cells are the numbers of folds.
  func hasGivenFolds(_ models: ProbeModels) -> Bool {
    options.split != nil && !models.parts.isEmpty && models.parts.allSatisfy { Int($0) != nil }
  }

  /// The folds of all repetitions, as the index is to keep them; none where a column says them.
  func madeSplits(_ models: ProbeModels, _ splits: [[ProbeSplit]]) -> ModelSplits {
    guard options.split == nil else { return ModelSplits([]) }
    return ModelSplits(
      splits.enumerated().map { repetition, splits in
        let seed = options.settings.training.seed &+ UInt64(repetition)
        let folds = ProbeSplit.folds(of: splits, count: models.ids.count)
        return ModelSplits.Split(
          name: "folds_\(options.target)_seed\(seed)",
          settings: "target=\(options.target) folds=\(options.folds) seed=\(seed) "
            + "group=\(options.grouping.name)" + (options.filter.map { " where=\($0)" } ?? ""),
          folds: Dictionary(
            zip(models.ids, folds).compactMap { id, fold in fold.map { (id, $0) } },
            uniquingKeysWith: { first, _ in first }))
      })
  }

  /// The split that a column says: train, val (or valid, validation), test.
  private func fixedSplit(_ models: ProbeModels) throws -> ProbeSplit {
    var split = ProbeSplit(training: [], validation: [], test: [])
    for (model, part) in models.parts.enumerated() {
      switch part.lowercased() {
      case "train", "training": split.training.append(model)
      case "val", "valid", "validation", "dev": split.validation.append(model)
      case "test": split.test.append(model)
      default:
        throw Diagnostic(
          .badData, "'\(part.prefix(40))' is no part of a split",
          at: [models.files[model], options.split ?? ""],
          remedy: "the column has to say train, val or test, or the number of a fold")
      }
    }
    for (name, part) in [
      ("train", split.training), ("val", split.validation), ("test", split.test),
    ] where part.isEmpty {
      throw Diagnostic(
        .badData, "no model belongs to the part '\(name)'", at: [options.split ?? ""],
        remedy: "give every part some models, or split into folds")
    }
    return split
  }
}
