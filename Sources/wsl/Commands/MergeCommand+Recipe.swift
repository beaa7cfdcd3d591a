import ArgumentParser
import Catalogs
import Connectivity
import Foundation
import Matching
import Merging
import ModelGraph
import Support
import WeightFiles

extension MergeCommand {
  /// Refuses what a recipe tells already, or what has no meaning beside one.
  func checkRecipe() throws {
    guard recipeFile != nil else {
      if shardSize != nil, !FolderCopy.isFolder(output) {
        throw ValidationError("--shard-size is for folders, and \(output) is a file.")
      }
      return
    }
    let given: [(String, Bool)] =
      [
        ("The models", !models.isEmpty), ("--match", match), ("--match-method", matchMethod != nil),
        ("--data", data != nil), ("--repair", repairing.repair != .none),
        ("--prefix", part.prefix != nil), ("--graph", matching.stated.graph != nil),
        ("--family", matching.stated.family != nil), ("--assume", !matching.stated.assume.isEmpty),
        ("--restarts", matching.restarts != 1), ("--kernel", matching.kernel != .linear),
        ("--symmetries", matching.symmetries != .permutation),
        ("--no-biases", !matching.biases), ("--freeze", !matching.frozen.isEmpty),
      ] + merging.givenOptions
    if let name = given.first(where: \.1)?.0 {
      throw ValidationError(
        name == "The models"
          ? "--recipe names the models: leave out \(models[0])."
          : "\(name) has no meaning beside --recipe, which tells the whole merge.")
    }
    if shardSize != nil, !FolderCopy.isFolder(output) {
      throw ValidationError("--shard-size is for folders, and \(output) is a file.")
    }
  }

  /// How many bytes of tensors one file of a folder holds at most.
  var shardByteCount: Int? {
    get throws { try shardSize.map { try MemoryOptions.byteCount($0, "--shard-size") } }
  }

  /// Makes what a recipe of mergekit describes.
  func mergeRecipe(_ path: String) async throws {
    let begin = ContinuousClock.now
    if let maxMemory { MemoryOptions.bound(to: try MemoryOptions.byteCount(maxMemory)) }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Diagnostic(.noInput, "the recipe cannot be read", at: [path])
    }
    let recipe = try MergekitRecipe(parsing: text, file: path)
    let files = try await models(of: recipe)
    var configurations: [String: [UInt8]] = [:]
    for (model, file) in files {
      configurations[model] = try FolderCopy(of: file)?.document("config.json")
    }
    let donor = recipe.models[0]
    let folder = try target(of: recipe, files)
    var warnings: [String] = []
    let tokenizer = try tokenizer(of: recipe, files, &warnings)
    let merger = try MergekitMerger(recipe, files: files, configurations: configurations)
    let progress = ProgressLine(quiet: shown.quiet)
    progress.handler(ProgressUpdate("merging", completed: 0, total: merger.tensorCount))
    let contents = try merger.contents(seed: matching.seed)
    var options = WritingOptions(overwrites: force, jobs: workers.jobs)
    if let maxMemory {
      options.budget = try MemoryOptions.byteCount(maxMemory)
      options.isStrict = true
    }
    let inputs = recipe.models.compactMap { files[$0] }
    var result = RecipeMergeResult(merger, recipe: path, output: output, seed: matching.seed)
    if let folder {
      var documents = ["mergekit_config.yml": Array(text.utf8)]
      documents["config.json"] = try merger.configuration()
      if documents["config.json"] == nil { warnings.append("\(donor) has no config.json to copy") }
      result.shards = try folder.write(
        contents, to: output, shardByteCount: try shardByteCount ?? 5_000_000_000,
        documents: documents, tokenizer: tokenizer, options, inputs: inputs
      ).map(RecipeMergeResult.Shard.init)
    } else {
      try contents.write(to: output, options, inputs: inputs)
    }
    warnings += inputs.compactMap { $0.catalog.unreadNote("left out") }
    result.warnings = warnings
    result.seconds = (ContinuousClock.now - begin) / .seconds(1)
    progress.finish()
    shown.warn(result.warnings)
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
  }

  /// Opens the models of a recipe. Nothing but their catalogues is read.
  private func models(of recipe: MergekitRecipe) async throws -> [String: WeightFile] {
    var files: [String: WeightFile] = [:]
    for model in recipe.models {
      if !FileManager.default.fileExists(atPath: model), !model.contains("#") {
        throw Diagnostic(
          .noInput, "there is no such folder", at: [model],
          remedy: model.contains("+")
            ? "a model with an adapter (model+adapter) is not there: merge the adapter into it first"
            : "models are read from disk, from paths as the recipe has them: download it first")
      }
      let file = try await WeightFile.open(model)
      if AdapterInput(file) != nil {
        throw Diagnostic(
          .badData, "this is an adapter, and a recipe merges whole models", at: [model],
          remedy: "merge adapters with `wsl merge A B`, or add it to its base in PEFT")
      }
      files[model] = file
    }
    return files
  }

  /// The folder that the result is made like; nil where the result is one file.
  private func target(
    of recipe: MergekitRecipe, _ files: [String: WeightFile]
  ) throws -> FolderCopy? {
    let donor = recipe.models[0]
    guard FolderCopy.isFolder(output) else {
      try OutputPath.check(output, inputs: recipe.models, overwrites: force)
      return nil
    }
    guard let folder = files[donor].flatMap({ FolderCopy(of: $0) }) else {
      throw Diagnostic(
        .usage,
        "the output is a folder, and \(donor), whose configuration it would have, is a file",
        at: [output], remedy: "end the output in .safetensors")
    }
    try FolderCopy.check(output, overwrites: force, inputs: files.values.flatMap(\.catalog.parts))
    try OutputPath.checkFolder(of: output)
    return folder
  }

  /// The folder whose tokenizer the result gets, where that is another than its configuration's.
  ///
  /// Rows of tables of tokens are never moved: the vocabularies have to be the same where the recipe asks
  /// for one tokenizer.
  private func tokenizer(
    of recipe: MergekitRecipe, _ files: [String: WeightFile], _ warnings: inout [String]
  ) throws -> FolderCopy? {
    let folders = files.compactMapValues { FolderCopy(of: $0) }
    let all = try recipe.models.map { (model: $0, files: try folders[$0]?.vocabulary() ?? [:]) }
      .filter { !$0.files.isEmpty }
    let other = all.first { $0.files != all[0].files }
    guard let asked = recipe.tokenizer else {
      if let other {
        warnings.append(
          "the tokenizers of \(all[0].model) and \(other.model) differ; tables of tokens are merged row by "
            + "row, and the result has that of \(recipe.models[0])")
      }
      return nil
    }
    var source = recipe.models[0]
    switch asked {
    case .union: break
    case .base: source = recipe.base ?? source
    case .model(let model): source = model
    }
    guard recipe.models.contains(source) else {
      throw Diagnostic(
        .badData, "tokenizer_source: \(source) is none of the recipe's models",
        at: [recipe.models[0]],
        remedy: "name one of them, or base")
    }
    guard all.contains(where: { $0.model == source }) else {
      throw Diagnostic(
        .badData, "tokenizer_source: it has no tokenizer", at: [source],
        remedy: "leave tokenizer_source out")
    }
    if let other {
      throw Diagnostic(
        .badData,
        "tokenizer_source: its tokenizer differs from that of \(all[0].model), and rows of tables of "
          + "tokens are not moved", at: [other.model],
        remedy: "merge models of one tokenizer, or use mergekit")
    }
    return source == recipe.models[0] ? nil : folders[source]
  }
}
