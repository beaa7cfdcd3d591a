import ArgumentParser
import Catalogs
import Foundation
import Merging
import ModelGraph
import Support
import WeightFiles
import Workbench

extension MergeCommand {
  /// Merges tensors that correspond while they are read.
  func mergeFiles(
    _ recipe: MergeRecipe, _ files: [WeightFile], progress: ProgressLine
  ) async throws -> MergeResult {
    let pairings = try files.dropFirst().map { other in
      let pairing = try FilePairing(files[0], other, statement: matching.statement)
      if !pairing.hasMergeable(files[0].catalog) {
        throw FilePairing.nothingShared(files[0].catalog, other.catalog)
      }
      return pairing
    }
    let inputs =
      [MergeInput(files[0])]
      + zip(files.dropFirst(), pairings).map { other, pairing in
        MergeInput(other, partners: MergePartners(pairing, files[0].catalog, other.catalog))
      }
    var merger = try Merger(
      Array(inputs[..<models.count]), base: recipe.needsBase ? inputs.last : nil,
      recipe: recipe, sharedOnly: merging.sharedOnly)
    progress.handler(ProgressUpdate("merging", completed: 0, total: merger.tensors.count))
    try merger.prepare(jobs: workers.jobs)
    let notes = try await write(merger.replacements, over: files[0], inputs: files)
    var result = MergeResult(recipe, merger, files: models, base: merging.base, output: output)
    result.warnings += notes
    result.take(
      unreadOf: files, staysAsItIs: try files[0].keepsContainer(inFileNamed: output))
    let graph = try? ModelGraph(files[0].catalog, statement: matching.statement)
    result.warn(about: graph, repair: nil)
    result.pairing = zip(files.dropFirst(), pairings).map { PairingRow($1, with: $0.catalog.file) }
    for (other, pairing) in zip(files.dropFirst(), pairings) {
      result.warnings += pairing.notes.map { "\(other.catalog.file): \($0)" }
    }
    return result
  }

  /// Writes A with other tensors: as a copy of its file, or in the format that the output's name
  /// tells.
  ///
  /// - Returns: what a person should know: which tensors got another type, one line for each reason; what
  ///   of a folder its copy does not have.
  func write(
    _ replacements: [String: TensorReplacement], over file: WeightFile, inputs: [WeightFile]
  ) async throws -> [String] {
    var options = WritingOptions(overwrites: force, jobs: workers.jobs)
    if let maxMemory {
      options.budget = try MemoryOptions.byteCount(maxMemory)
      options.isStrict = true
    }
    if let limit = try shardByteCount {
      guard let folder = FolderCopy(of: file) else {
        throw Diagnostic(
          .usage, "--shard-size is for folders, and \(file.catalog.file) is a file", at: [output])
      }
      let contents = try ModelContents(file, replacing: replacements)
      _ = try folder.write(contents, to: output, shardByteCount: limit, options, inputs: inputs)
      return contents.conversions(for: .safetensors)
    }
    if try file.keepsContainer(inFileNamed: output) {
      return try await file.writeCopy(
        to: output, computing: replacements, options, inputs: inputs)
    }
    let contents = try ModelContents(file, replacing: replacements)
    try contents.write(to: output, options, inputs: inputs)
    return contents.conversions(for: try OutputFormat(path: output).container)
  }
}
