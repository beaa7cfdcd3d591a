import ArgumentParser
import Matching
import ModelGraph
import WeightFiles
import WorkbenchCore

/// `wsl match`: line up the hidden units of one network with those of another.
struct MatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match",
    abstract: "Permute B's hidden units to line up with A's.",
    discussion: """
      The permuted network computes the same function as B. The output is a copy of B's file in \
      which only the permuted tensors changed. Examples:
        wsl match a.h5 b.h5
        wsl match a.h5 b.h5 -o b-matched.h5 --restarts 8
        wsl match a.keras b.keras --json
      """)

  @Argument(help: "The network that stays as it is.", completion: .file())
  var a: String

  @Argument(help: "The network whose units are permuted.", completion: .file())
  var b: String

  @Option(name: [.short, .long], help: "Write the permuted B to this file.", completion: .file())
  var output: String?

  @Flag(help: "Replace the output where it exists.")
  var force = false

  @OptionGroup var matching: MatchingOptions
  @OptionGroup var workers: JobOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var shown: OutputOptions

  func run() async throws {
    if let output {
      try OutputPath.check(output, inputs: [a, b], overwrites: force)
    }
    let pair = try await LoadedPair.load(
      a, b, graphFile: matching.graph, jobs: workers.jobs,
      maxMemory: try memory.byteCount)
    let progress = ProgressLine(quiet: shown.quiet)
    let found = try matching.match(pair, jobs: workers.jobs, progress: progress.handler)
    progress.finish()
    let result = try MatchResult(
      pair, found: found, seed: matching.seed, jobs: workers.jobs)
    if let output {
      try await write(found.permutations, of: pair, to: output)
    }
    shown.warn(result.warnings)
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      Terminal.print(result.text)
      if let output { Terminal.print("written: \(output.escapingControlCharacters)") }
    }
  }

  /// Writes B's file with its tensors permuted. Elements are moved as they are stored, so that
  /// every bit of every value survives.
  private func write(_ permutations: [[Int]], of pair: LoadedPair, to path: String) async throws {
    let moves = Permuting.moves(permutations, of: pair.pair.groupsB)
    var replacements: [String: [UInt8]] = [:]
    for entry in pair.fileB.catalog.tensors {
      guard let moves = moves[entry.name] else { continue }
      replacements[entry.name] = try Permuting.applyBytes(
        pair.fileB.readBytes(entry), shape: entry.shape,
        elementSize: entry.elementType.byteCount, moves: moves)
    }
    try await pair.fileB.writeCopy(to: path, replacing: replacements, overwrites: force)
  }
}
