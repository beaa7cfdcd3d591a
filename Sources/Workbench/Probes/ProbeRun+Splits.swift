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
        : [try fixedSplit(models)]
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
          remedy: "the column has to say train, val or test")
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

  /// The probe as a file: trained once more on the layer that was chosen.
  func keptFile(
    _ study: ProbeStudy, _ report: ProbeReport, _ labels: ProbeLabels, _ models: ProbeModels,
    _ input: ProbeInput?, tensors: [String]
  ) throws -> ProbeFile? {
    let description = options.method.description
    guard description.isKept else { return nil }
    let input =
      input ?? ProbeInput(numbers: .init(zeros: models.ids.count, 0))
    guard let final = try study.finalProbe(input, isFixed: options.split != nil) else { return nil }
    var manifest = ProbeManifest(
      method: description.name, target: options.target, task: labels.task.rawValue)
    manifest.classes = labels.classes
    var probe = final.probe
    if let texts = options.texts {
      manifest.learnedClassCount = labels.classes.count
      manifest.classes += texts.names(beside: labels.classes)
      probe = probe.ranking(
        try texts.vectors(of: manifest.classes, column: options.target))
    }
    manifest.layer = description.subject == .layer ? report.layer : ""
    (manifest.rows, manifest.columns) = (input.stack?.rows ?? 0, input.stack?.columns ?? 0)
    manifest.tensors = tensors
    manifest.convention = tensors.isEmpty ? "" : options.convention.rawValue
    manifest.factor = final.factor
    let training = final.settings.training
    manifest.training.seed = training.seed
    if options.settings.tuning != nil { manifest.training.isTuned = true }
    manifest.training.epochs = training.epochs
    manifest.training.batchSize = training.batchSize
    manifest.training.learningRate = training.learningRate
    manifest.training.weightDecay = training.weightDecay
    manifest.training.evaluatedEvery = training.evaluatedEvery
    manifest.training.patience = training.patience
    manifest.training.files = final.training.map { models.files[$0] }
    manifest.training.validationFiles = final.validation.map { models.files[$0] }
    manifest.training.metric = ProbeMetric.name(of: labels.targets)
    manifest.training.validation = report.validation.mean.isFinite ? report.validation.mean : nil
    manifest.training.test = report.test.mean.isFinite ? report.test.mean : nil
    var centres: TreeCentres?
    if let stack = input.stack {
      centres = try TreeCentres(
        stack, gram: input.gram(jobs: options.reading.jobs), models: final.training)
    }
    manifest.radii = centres?.radii ?? []
    manifest.trees = centres?.names ?? []
    return ProbeFile(manifest: manifest, probe: probe, centres: centres?.centres)
  }
}
