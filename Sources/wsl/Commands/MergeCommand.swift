import ArgumentParser
import Connectivity
import Datasets
import Foundation
import Matching
import Merging
import ModelGraph
import Networks
import Support
import WeightFiles

/// `wsl merge`: several models made one, in the first one's container or another.
struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Make one model of several: means, task arithmetic, TIES, DARE and others.",
    discussion: """
      The output is a copy of A's file in which only the merged tensors changed, so whatever loaded \
      A loads it; where its name ends in another format (.h5, .safetensors, .npz, also .zst), it is \
      written in that one. Where A is a folder, and the output's name has no such ending, the output \
      is a folder with the same files, the configuration and the tokenizer. Numbers are computed in \
      Float64 and rounded once. Tensors are paired as `match` pairs them, else by name, and read \
      piece by piece: models may be larger than memory. Tensors that are not \
      floating-point numbers and an optimizer's state stay as they are in A, and so do the scales of \
      quantised weights that differ. Where magnitudes decide what stays, equal ones stay together; \
      with --compat mergekit exactly as many as asked for, the first in order among equals.

      Adapters of low rank (LoRA) are merged as their updates, with the scales of their \
      adapter_config.json: exactly, at the sum of their ranks, or cut to --rank. Their ranks may \
      differ. Where the output is a folder, its adapter_config.json is written, too. Methods: mean, \
      and task-arithmetic without a base.

      Methods (delta: the difference from --base):
        mean              the sum of weight * model
        task-arithmetic   base + scale * the sum of weight * delta
        ties              the largest deltas; the mean of those of the elected sign
        dare              deltas dropped by chance, the rest divided by 1 - drop
        breadcrumbs       the smallest and the largest deltas of each tensor dropped
        dare-ties, breadcrumbs-ties
                          the same, with signs elected as in ties
        model-stock       from the base towards the mean, as their angles tell
        slerp             between two models, on the arc between their tensors
        tall-masks        the sum of deltas where it matters to enough of the models
      Examples:
        wsl merge a.h5 b.h5 --match -o merged.h5
        wsl merge a.h5 b.h5 c.h5 --match --weights 0.5,0.25,0.25 -o merged.h5
        wsl merge a.keras b.keras --match --repair reset --data mnist.h5 \\
          -o merged.keras
        wsl merge math.safetensors code.safetensors --base base.safetensors \\
          --method task-arithmetic --scale 0.5 -o both.safetensors
        wsl merge a.safetensors b.safetensors --base base.safetensors --method ties \\
          --density 0.3 -o both.safetensors
        wsl merge adapter-a adapter-b -o adapter-ab
        wsl merge llama-math llama-code -o llama-both
        wsl merge --recipe merge.yaml -o llama-both --shard-size 2G
      """)

  @Argument(
    help: "The models; the first one's units, types and container stay. None with --recipe.",
    completion: .file())
  var models: [String] = []

  @Option(
    name: .customLong("recipe"),
    help: ArgumentHelp(
      """
      Merge as this recipe of mergekit tells: models or slices of layers, base_model, parameters with \
      gradients and filters, dtype. Methods: linear, slerp, task_arithmetic, ties, dare_linear, dare_ties, \
      breadcrumbs, breadcrumbs_ties, model_stock, passthrough. What it has and this does not is an error.
      """, valueName: "file"), completion: .file())
  var recipeFile: String?

  @Option(
    name: [.short, .long], help: "Write the merged model to this file or folder.",
    completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "A folder's files of tensors have at most this size (500M, 2G; default: as A's, 5 GB with --recipe).",
      valueName: "size"))
  var shardSize: String?

  @Flag(help: "Line the units of all networks, also of the base, up with those of A before.")
  var match = false

  @Option(
    help: ArgumentHelp(
      "What units are compared by: weights, activations, straight-through or frank-wolfe.",
      discussion: MatchingMethodOptions.discussion))
  var matchMethod: Matcher.Method?

  @Option(help: "The data whose training examples a repair is measured on.")
  var data: String?

  @OptionGroup(title: "The data") var normalizing: NormalizationOptions

  @Option(
    help: ArgumentHelp(
      """
      How much of tensors that have to be held may be in memory at once (500M, 2G; default 256M): \
      those in compressed blocks, and those that a method passes over several times. Others are \
      read piece by piece, in half a MiB a model and thread. With --match, networks are held whole, or \
      refused.
      """, valueName: "size"))
  var maxMemory: String?

  @Flag(help: "Replace the output where it exists.")
  var force = false

  @OptionGroup(title: "The formula") var merging: MergeOptions
  @OptionGroup(title: "Repair") var repairing: RepairOptions
  @OptionGroup(title: "Matching") var matching: MatchingOptions
  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  mutating func validate() throws {
    try normalizing.check(data: data)
    _ = try shardByteCount
    try checkRecipe()
    if recipeFile != nil { return }
    if models.isEmpty {
      throw ValidationError("Name the models to merge, or a recipe of mergekit with --recipe.")
    }
    models = models.map(part.path)
    try matching.by(matchMethod ?? .weights).checkSymmetries()
    let isMean = merging.method == .mean || merging.method == .slerp
    if isMean, models.count < 2 { throw ValidationError("A merge takes two or more networks.") }
    if matchMethod != nil, !match { throw ValidationError("--match-method is for --match.") }
    _ = try recipe()
    _ = try maxMemory.map { try MemoryOptions.byteCount($0) }
  }

  /// The formula with its numbers.
  func recipe() throws -> MergeRecipe {
    try merging.recipe(modelCount: models.count, seed: matching.seed)
  }

  func run() async throws {
    if let recipeFile { return try await mergeRecipe(recipeFile) }
    let recipe = try recipe()
    let begin = ContinuousClock.now
    if let maxMemory { MemoryOptions.bound(to: try MemoryOptions.byteCount(maxMemory)) }
    let files = try await opened()
    if let adapters = try adapters(files) {
      let progress = ProgressLine(quiet: shown.quiet)
      let result = try await mergeAdapters(adapters, files, recipe, progress: progress)
      return try finish(result, since: begin, progress)
    }
    let inputs = models + [merging.base].compactMap { $0 }
    try OutputPath.check(
      output, copyOf: files[0],
      inputs: inputs + [data].compactMap { $0 }.filter { !DataSource.builtIns.contains($0) },
      overwrites: force)
    if recipe.needsBase, merging.base == nil {
      throw Diagnostic(
        .usage, "--method \(merging.method.rawValue) counts from what the models were trained from",
        remedy: "name it with --base")
    }
    let progress = ProgressLine(quiet: shown.quiet)
    let result: MergeResult
    if match || repairing.repair != .none {
      result = try await mergeNetworks(recipe, progress: progress)
    } else {
      result = try await mergeFiles(recipe, files, progress: progress)
    }
    try finish(result, since: begin, progress)
  }

  /// The models, and the base behind them where it is named. Nothing but their catalogues is read.
  private func opened() async throws -> [WeightFile] {
    var files: [WeightFile] = []
    for path in models + [merging.base].compactMap({ $0 }) {
      files.append(try await WeightFile.open(path))
    }
    return files
  }

  private func finish(
    _ result: MergeResult, since begin: ContinuousClock.Instant, _ progress: ProgressLine
  ) throws {
    var result = result
    result.seconds = (ContinuousClock.now - begin) / .seconds(1)
    progress.finish()
    shown.warn(result.warnings)
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
  }
}
