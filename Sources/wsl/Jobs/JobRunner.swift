import Foundation
import Synchronization
import WorkbenchCore
import Zoo

/// Hands the jobs of a scan to who runs them.
enum JobRunner {
  /// Submits the array, and the merge after it.
  static func slurm(_ jobs: ScanJobs, dryRun: Bool, _ result: inout ZooSubmitResult) throws {
    let merge = jobs.submitMergeCommand(after: "JOB")
    result.scripts = [
      "# \(ScanJobs.shell(jobs.submitCommand)) <<'SCRIPT'\n\(jobs.slurmScript)SCRIPT",
      "# \(ScanJobs.shell(merge)) <<'SCRIPT'\n\(jobs.slurmMergeScript)SCRIPT",
    ]
    guard !dryRun else { return }
    try makeFolder(jobs.folder)
    let array = try run(jobs.submitCommand, input: jobs.slurmScript)
    result.jobs = [array]
    result.jobs.append(
      try run(jobs.submitMergeCommand(after: array), input: jobs.slurmMergeScript))
  }

  /// Runs all shards on this machine, then the merge.
  static func local(_ jobs: ScanJobs, dryRun: Bool, _ result: inout ZooSubmitResult) throws {
    let commands = (0..<jobs.shards).map { jobs.scanCommand($0) }
    result.scripts = (commands + [jobs.mergeCommand]).map(ScanJobs.shell)
    guard !dryRun else { return }
    try makeFolder(jobs.folder)
    let codes = try Parallel.map(
      count: commands.count, jobs: jobs.width ?? Parallel.processorCount
    ) { try status(commands[$0]) }
    if let index = codes.firstIndex(where: { $0 != 0 && $0 != 3 }) {
      throw Diagnostic(
        codes[index] == 75 ? .interrupted : .failed,
        "shard \(index) ended with code \(codes[index])", at: [jobs.folder],
        remedy: "run the same command again: what is done stays")
    }
    result.exitCode = try status(jobs.mergeCommand)
  }

  private static func makeFolder(_ folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Diagnostic(.cannotWrite, "the folder cannot be made", at: [folder])
    }
  }

  /// The code that a command ends with. It writes to standard error.
  private static func status(_ words: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.standardOutput = FileHandle.standardError
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch {
      throw Diagnostic(.failed, "\(words[0]) cannot be started")
    }
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : 1
  }

  /// What a command of the scheduler's prints, given its input.
  private static func run(_ words: [String], input: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let (source, sink) = (Pipe(), Pipe())
    process.standardInput = source
    process.standardOutput = sink
    do { try process.run() } catch {
      throw Diagnostic(.failed, "\(words[0]) cannot be started")
    }
    // A script is far shorter than what a pipe holds.
    try? source.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try? source.fileHandleForWriting.close()
    let output = sink.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Diagnostic(
        .failed, "\(words[0]) ended with code \(process.terminationStatus)",
        remedy: process.terminationStatus == 127
          ? "run it where Slurm is, or print the scripts with --dry-run"
          : "print the scripts with --dry-run, and try them by hand")
    }
    let text = String(decoding: output, as: UTF8.self)
    return String(text.prefix { $0.isNumber })
  }
}
