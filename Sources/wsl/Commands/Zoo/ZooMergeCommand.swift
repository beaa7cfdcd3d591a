import ArgumentParser
import Foundation
import Support
import ZooIndex

/// `wsl zoo merge`: take shards into the index.
struct ZooMergeCommand: ParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Take the shards of a scan into the index.",
    discussion: """
      Shards may come in any order, and again. What is missing or contradicts the index is listed: \
      the exit code is 2 for contradictions, 3 where shards are missing or models failed. Example:
        wsl zoo merge zoo.sqlite shards/
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Argument(help: "Shards, and folders of them.", completion: .file())
  var shards: [String]

  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  var interruption: Interruption.Outcome { .goesOn }

  func run() throws {
    let paths = try shards.flatMap(Self.files)
    let zoo = try ZooIndex.open(writing: index)
    let summary: MergeSummary
    do {
      summary = try ShardMerge.merge(paths, into: zoo)
      try zoo.close()
    } catch {
      try? zoo.close()
      throw error
    }
    let result = ZooMergeResult(index: index, shards: paths.count, summary: summary)
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
    if !summary.conflicts.isEmpty || !summary.stale.isEmpty { throw ExitCode(2) }
    if !summary.missingShards.isEmpty || !summary.failures.isEmpty { throw ExitCode(3) }
  }

  /// A file itself, or the shards in a folder by name.
  private static func files(_ path: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Diagnostic(
        .noInput, "there is no such shard", at: [path],
        remedy: "check the path; `wsl zoo scan --shard` writes shards")
    }
    guard isFolder.boolValue else { return [path] }
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { !$0.hasPrefix(".") && $0.hasSuffix(".sqlite") }.sorted()
    guard !names.isEmpty else {
      throw Diagnostic(
        .noInput, "this folder has no shards", at: [path],
        remedy: "`wsl zoo scan --shard` writes shards")
    }
    return names.map { (path as NSString).appendingPathComponent($0) }
  }
}

/// What `wsl zoo merge` says.
struct ZooMergeResult: Encodable {
  var index: String
  var shards: Int
  var merged: Int
  var present: Int
  var conflicts: [String]
  var stale: [String]
  var missingShards: [String]
  var missingModels: Int
  var failures: [IndexFailure]

  init(index: String, shards: Int, summary: MergeSummary) {
    self.index = index
    self.shards = shards
    merged = summary.merged
    present = summary.present
    conflicts = summary.conflicts
    stale = summary.stale
    missingShards = summary.missingShards
    missingModels = summary.missingModels
    failures = summary.failures
  }

  /// The result for a person.
  var text: String {
    var lines = [
      "\(index): \(merged) results of \(shards) shards taken, \(present) were there already; "
        + "\(missingModels) models lack results"
    ]
    lines += missingShards.map { "missing: shard \($0)" }
    lines += conflicts.map { "conflict: \($0): the index has other results, and keeps them" }
    lines += stale.map { "stale: \($0): not the model that the index has" }
    lines += failures.map { "failed: \($0.file): \($0.reason)" }
    return lines.map(\.escapingControlCharacters).joined(separator: "\n")
  }
}
