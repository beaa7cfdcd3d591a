import LinearAlgebra
import Probes
import Support
import WeightFiles
import ZooIndex

extension ProbeRun {
  /// The probe as a file: trained once more on the layer that was chosen.
  func keptFile(
    _ study: ProbeStudy, _ report: ProbeReport, _ labels: ProbeLabels, _ models: ProbeModels,
    _ input: ProbeInput?, tensors: [String], roots: [ProbeRoot]
  ) throws -> ProbeFile? {
    let description = options.method.description
    guard description.isKept else { return nil }
    let input =
      input ?? ProbeInput(numbers: .init(zeros: models.ids.count, 0))
    let isFixed = options.split != nil && !hasGivenFolds(models)
    guard let final = try study.finalProbe(input, isFixed: isFixed) else { return nil }
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
    if options.convolutions != .transposed { manifest.compat = options.convolutions.rawValue }
    manifest.tensors = tensors
    manifest.convention = tensors.isEmpty ? "" : options.convention.rawValue
    manifest.factor = final.factor
    let training = final.settings.training
    manifest.training.seed = training.seed
    if options.settings.tuning != nil { manifest.training.isTuned = true }
    if options.settings.beginsDense { manifest.training.beginsDense = true }
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
    var known: Matrix<Float>?
    if case .network(let network, _, _, _) = probe, let stack = input.stack {
      known = try network.representations(
        of: final.training, in: stack, jobs: options.reading.jobs)
    }
    return ProbeFile(
      manifest: manifest, probe: probe, centres: centres?.centres, known: known, roots: roots)
  }
}
