import ArgumentParser
import Connectivity
import Foundation
import Matching
import ModelGraph
import Networks
import WeightFiles
import WorkbenchCore

/// `wsl merge`: the mean of networks, in the first one's container.
struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Average the weights of networks, best after lining their units up.",
    discussion: """
      The output is a copy of A's file in which only the averaged tensors changed, so whatever \
      loaded A loads it. Means are taken in Float64 and rounded once. Examples:
        wsl merge a.h5 b.h5 --match -o merged.h5
        wsl merge a.h5 b.h5 c.h5 --match --weights 0.5,0.25,0.25 -o merged.h5
        wsl merge a.keras b.keras --match --repair reset --data mnist.h5 -o merged.keras
      """)

  @Argument(help: "The networks; the first one's units and container stay.", completion: .file())
  var models: [String]

  @Option(
    name: [.short, .long], help: "Write the merged network to this file.", completion: .file())
  var output: String

  @Option(help: "The share of each network, separated by commas; they add up to 1.")
  var weights: String?

  @Flag(help: "Line the units of all networks up with those of the first one before.")
  var match = false

  @Option(help: "The data whose training examples a repair is measured on.")
  var data: String?

  @Flag(help: "Replace the output where it exists.")
  var force = false

  @OptionGroup var repairing: RepairOptions
  @OptionGroup var matching: MatchingOptions
  @OptionGroup var workers: JobOptions
  @OptionGroup var shown: OutputOptions

  func validate() throws {
    if models.count < 2 { throw ValidationError("A merge takes two or more networks.") }
    _ = try shares()
  }

  /// The share of each network.
  private func shares() throws -> [Double] {
    guard let weights else {
      return Array(repeating: 1 / Double(models.count), count: models.count)
    }
    let shares = try weights.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let share = Double(word.trimmingCharacters(in: .whitespaces)), share.isFinite else {
        throw ValidationError("--weights: '\(word)' is not a number.")
      }
      return share
    }
    guard shares.count == models.count else {
      throw ValidationError(
        "--weights has \(shares.count) numbers, and there are \(models.count) networks.")
    }
    let sum = shares.reduce(0, +)
    guard abs(sum - 1) < 1e-6 else {
      throw ValidationError("--weights add up to \(sum); they have to add up to 1.")
    }
    return shares
  }

  func run() async throws {
    let inputs = models + [data].compactMap { $0 == "digits" ? nil : $0 }
    try OutputPath.check(output, inputs: inputs, overwrites: force)
    let clock = ContinuousClock()
    let begin = clock.now
    let progress = ProgressLine(quiet: shown.quiet)
    let loaded = try await MatchedModels.load(
      models, matching: matching, isMatched: match, data: data, jobs: workers.jobs,
      progress: progress.handler)
    let repair = try await repairing.prepare(
      for: loaded.graph, data: data, seed: matching.seed, jobs: workers.jobs)
    let shares = try shares()
    let sources = zip(loaded.models, shares).map { model, share in
      (weights: loaded.matchedWeights(model), share: share)
    }
    var merged = WeightedMean.mean(of: sources)
    if let repair { merged = try repair.repaired(merged, of: sources) }
    progress.finish()
    if let broken = merged.keys.sorted().first(where: { name in
      merged[name]?.values.contains { !$0.isFinite } ?? false
    }) {
      throw Diagnostic(
        .badData, "the mean holds numbers that are not finite", at: [output, broken],
        remedy: "check the networks: training has diverged, or a file is damaged")
    }
    let container = loaded.models[0].file
    try await container.writeCopy(
      to: output, replacing: try loaded.replacements(merged, meanOf: shares), overwrites: force)
    let result = MergeResult(
      loaded, merged: merged, shares: shares, output: output, isMatched: match, repair: repair,
      seconds: (clock.now - begin) / .seconds(1), seed: matching.seed)
    shown.warn(result.warnings)
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      Terminal.print(result.text)
    }
  }
}
