import ArgumentParser
import Catalogs
import Connectivity
import Foundation
import Merging
import ModelGraph
import Reports
import Support
import WeightFiles

extension MergeCommand {
  /// The files as adapters of low rank; nil where none is one.
  ///
  /// - Throws: `Diagnostic` where some are and others are not, and where options have no meaning for
  ///   adapters.
  func adapters(_ files: [WeightFile]) throws -> [AdapterInput]? {
    let found = files.map { AdapterInput($0) }
    guard let first = found.compactMap({ $0 }).first else {
      if merging.rank != nil {
        throw Diagnostic(.usage, "--rank is for adapters, and these are whole models")
      }
      return nil
    }
    if merging.base != nil {
      throw Diagnostic(
        .usage, "adapters are differences from their base already", at: [first.name],
        remedy: "leave --base out")
    }
    if let place = found.firstIndex(where: { $0 == nil }) {
      throw Diagnostic(
        .badData, "this is no adapter, and \(first.name) is: its updates are no weights to average",
        at: [files[place].catalog.file],
        remedy:
          "merge adapters with adapters; add one to its base with PEFT's merge_and_unload, and "
          + "merge the whole models")
    }
    for (option, isGiven) in [
      ("--match", match), ("--repair", repairing.repair != .none),
      ("--shared-only", merging.sharedOnly), ("--shard-size", shardSize != nil),
    ] where isGiven {
      throw Diagnostic(
        .usage, "\(option) has no meaning for adapters", at: [first.name],
        remedy: "leave it out: modules that an adapter does not have count as updates of zero")
    }
    return found.compactMap { $0 }
  }

  /// Merges adapters as the sums of their updates.
  func mergeAdapters(
    _ adapters: [AdapterInput], _ files: [WeightFile], _ recipe: MergeRecipe,
    progress: ProgressLine
  ) async throws -> MergeResult {
    let target = try AdapterOutput(
      output, usesPEFTNames: adapters[0].adapter.usesPEFTNames, overwrites: force,
      inputs: models)
    let merger = try AdapterMerger(adapters, recipe: AdapterRecipe(recipe, rank: merging.rank))
    let configuration = try merger.configuration()
    let contents = try merger.contents(
      keepsConfiguration: configuration != nil && !target.hasConfiguration)
    progress.handler(ProgressUpdate("merging", completed: 0, total: merger.ranks.count))
    var options = WritingOptions(overwrites: force, jobs: workers.jobs)
    if let maxMemory {
      options.budget = try MemoryOptions.byteCount(maxMemory)
      options.isStrict = true
    }
    try target.write(contents, configuration: configuration, options, inputs: files)
    var result = MergeResult(recipe, merger, files: models, output: target.path)
    result.warnings += files.compactMap { $0.catalog.unreadNote("not merged") }
    if let configuration, !target.hasConfiguration {
      let document = try JSONValue(parsing: configuration)
      let (r, alpha) = (document["r"]?.number ?? 0, document["lora_alpha"]?.number ?? 0)
      result.warnings.append(
        "the rank is new: \(AdapterConfiguration.name) must say r = \(NumberFormat.significant(r)) and "
          + "lora_alpha = \(NumberFormat.significant(alpha)); it is kept in the file's metadata, and "
          + "written beside it where the output is a folder")
    }
    return result
  }
}
