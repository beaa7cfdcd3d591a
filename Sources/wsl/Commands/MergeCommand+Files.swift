import ArgumentParser
import Foundation
import Merging
import ModelGraph
import WeightFiles
import WorkbenchCore

extension MergeCommand {
  /// Merges tensors of the same names while they are read. Where the names differ and the files
  /// describe networks, layers are paired instead.
  func mergeFiles(
    _ recipe: MergeRecipe, _ files: [WeightFile], progress: ProgressLine
  ) async throws -> MergeResult {
    let inputs = files.map { MergeInput($0) }
    var merger: Merger
    do {
      merger = try Merger(
        Array(inputs[..<models.count]), base: recipe.needsBase ? inputs.last : nil,
        recipe: recipe, sharedOnly: merging.sharedOnly)
    } catch let mismatch as Diagnostic where mismatch.code == .badData && !merging.sharedOnly {
      // Layers of one network may have been given other names.
      do { return try await mergeNetworks(recipe, progress: progress) } catch is Diagnostic {
        throw mismatch
      }
    }
    progress.handler(ProgressUpdate("merging", completed: 0, total: merger.tensors.count))
    try merger.prepare(jobs: workers.jobs)
    let notes = try await write(merger.replacements, over: files[0], inputs: files)
    var result = MergeResult(recipe, merger, files: models, base: merging.base, output: output)
    result.warnings += notes
    let graph = try? ModelGraph(files[0].catalog, statement: matching.statement)
    result.warn(about: graph, repair: nil)
    return result
  }

  /// Writes A with other tensors: as a copy of its file, or in the format that the output's name
  /// tells.
  ///
  /// - Returns: which tensors got another type, one line for each reason.
  func write(
    _ replacements: [String: TensorReplacement], over file: WeightFile, inputs: [WeightFile]
  ) async throws -> [String] {
    var options = WritingOptions(overwrites: force, jobs: workers.jobs)
    if let maxMemory { options.budget = try MemoryOptions.byteCount(maxMemory) }
    if try file.keepsContainer(inFileNamed: output) {
      try await file.writeCopy(to: output, computing: replacements, options, inputs: inputs)
      return []
    }
    let contents = try ModelContents(file, replacing: replacements)
    try contents.write(to: output, options, inputs: inputs)
    return contents.conversions(for: try OutputFormat(path: output).container)
  }
}
