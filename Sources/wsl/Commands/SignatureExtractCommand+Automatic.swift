import ArgumentParser
import Datasets
import ModelGraph
import Networks
import Signatures
import Support
import WeightFiles
import Workbench

extension SignatureExtractCommand {
  /// Measures patches of the first 1, 2, … layers on corrupted data.
  func automaticLayers(
    _ files: [WeightFile], _ options: SignatureExtraction.Options
  ) async throws -> (choice: AutomaticLayers.Choice, warnings: [String]) {
    guard let data, let corruption = options.corruption else {
      throw Diagnostic(
        .usage, "--layers auto needs --data and --corruption",
        remedy: "give both, or --layers first:4")
    }
    let damage = try CorruptionOptions.corruption(
      CorruptionOptions.kind(corruption.type), severity: corruption.severity,
      strength: corruptionStrength, scale: corruptionScale == .mnist ? .mnist : .cifar)
    var examples = try await normalizing.reference(data).load(split: split)
    if let limit { examples = examples.prefix(limit) }
    try examples.requireClasses()
    let clean = examples
    // Corrupted as a whole before classes are chosen, like `evaluate` does it.
    examples = try damage.applied(to: examples, seed: seed, jobs: workers.jobs)
    let standard = files[1]
    let model = try await LoadedModel.load(
      self.standard, statement: stated.statement, jobs: workers.jobs,
      maxMemory: try memory.limit())
    if let broken = model.brokenElement { throw broken.diagnostic }
    if let own = model.classes, examples.classCount > own.count {
      examples = try examples.keeping(classes: own)
    }
    let network = model.graph
    let warnings = normalizing.warnings(
      about: self.standard, network, model.weights,
      on: model.classes.flatMap { try? clean.keeping(classes: $0) } ?? clean, jobs: workers.jobs)
    let evaluator = try Evaluator(graph: network, dataset: examples, jobs: workers.jobs)
    let weights = model.weights
    let architecture = try Architecture(standard, statement: stated.statement)
    let progress = ProgressLine(quiet: shown.quiet)
    defer { progress.finish() }
    let total = architecture.kernelCount
    let choice = try await AutomaticLayers.choose(layerCount: total) { count in
      progress.handler(
        ProgressUpdate("patching \(count) layers", completed: count, total: total))
      guard count > 0 else { return try evaluator.evaluate(weights).accuracy }
      var trial = options
      trial.layers = .first(count)
      let signature = try SignatureExtraction.extract(
        pretrained: files[0], standard: files[1], robust: files[2], options: trial)
      let names = try architecture.targets(of: signature, in: standard).names
      return try evaluator.evaluate(signature.applied(to: weights, names: names)).accuracy
    }
    return (choice, warnings)
  }
}
