import ArgumentParser
import Catalogs
import Connectivity
import Datasets
import Foundation
import Matching
import Merging
import ModelGraph
import Networks
import Support
import Tensors
import WeightFiles
import Workbench

extension MergeCommand {
  /// Merges networks in memory: lined up or repaired.
  func mergeNetworks(_ recipe: MergeRecipe, progress: ProgressLine) async throws -> MergeResult {
    let base = recipe.needsBase ? merging.base : nil
    let paths = models + [base].compactMap { $0 }
    let examples = try normalizing.reference(data)
    let search = matching.by(matchMethod ?? .weights)
    let loaded: MatchedModels
    if paths.count > 1 {
      loaded = try await search.load(
        paths, isMatched: match, data: examples, jobs: workers.jobs,
        maxMemory: try maxMemory.map { try MemoryOptions.byteCount($0) },
        acceptsHeads: merging.sharedOnly && repairing.repair == .none, progress: progress.handler)
    } else {
      throw ValidationError("A merge takes two or more networks.")
    }
    let repair = try await repairing.prepare(
      for: loaded.graph, data: examples, seed: matching.seed, jobs: workers.jobs)
    let weights = loaded.models.map { loaded.matchedWeights($0) }
    let container = loaded.models[0].file
    let inputs = zip(paths, weights).map { path, weights in MergeInput(weights, name: path) }
    var merger = try Merger(
      Array(inputs[..<models.count]), base: base == nil ? nil : inputs.last, recipe: recipe,
      sharedOnly: merging.sharedOnly)
    try merger.prepare(jobs: workers.jobs)
    var merged: Weights = [:]
    for entry in merger.tensors {
      merged[entry.name] = try merger.merged(entry, jobs: workers.jobs)
    }
    if let repair {
      // Every network is as close to the result as its share; differences have no shares.
      let shares =
        merging.method == .mean
        ? recipe.weights : Array(repeating: 1 / Double(models.count), count: models.count)
      merged = try repair.repaired(
        merged, of: zip(weights, shares).map { (weights: $0, share: $1) })
    }
    try checkFinite(merged)
    let bytes =
      merging.method == .mean
      ? try loaded.replacements(merged, meanOf: recipe.weights)
      : try container.replacements(merged)
    let replacements = bytes.mapValues { bytes in
      TensorReplacement(heldByteCount: bytes.count) { _ in ComputedElements(bytes: bytes) }
    }
    let notes = try await write(replacements, over: container, inputs: loaded.models.map(\.file))
    var result = MergeResult(recipe, merger, files: models, base: base, output: output)
    result.warnings += notes
    result.take(loaded, merged: merged, isMatched: match, repair: repair)
    result.differingTensors = try WholeNumbers.differing(
      loaded.models.map { MergeInput($0.file) }, jobs: workers.jobs)
    result.take(
      unreadOf: loaded.models.map(\.file),
      staysAsItIs: try container.keepsContainer(inFileNamed: output))
    result.warn(about: loaded.graph, repair: repair)
    let readsExamples = match && (matchMethod ?? .weights).needsData
    if [.reset, .repair].contains(repairing.repair) || readsExamples {
      result.normalization = try normalizing.record()
      result.warnings += normalizing.warnings(
        about: models[0], loaded.graph, loaded.models[0].weights,
        on: try await examples?.load(split: .train), jobs: workers.jobs)
    }
    return result
  }

  private func checkFinite(_ merged: Weights) throws {
    if let broken = merged.keys.sorted().first(where: { name in
      merged[name]?.values.contains { !$0.isFinite } ?? false
    }) {
      throw Diagnostic(
        .badData, "the result holds numbers that are not finite", at: [output, broken],
        remedy: "check the networks: training has diverged, or a file is damaged")
    }
  }
}
