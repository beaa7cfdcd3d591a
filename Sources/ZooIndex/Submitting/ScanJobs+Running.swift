import Foundation
import Support

extension ScanJobs {
  /// What Slurm is given: the command and its script, of the array and of the merge after it.
  public var slurmScripts: [String] {
    let merge = submitMergeCommand(after: "JOB")
    return [
      "# \(ScanJobs.shell(submitCommand)) <<'SCRIPT'\n\(slurmScript)SCRIPT",
      "# \(ScanJobs.shell(merge)) <<'SCRIPT'\n\(slurmMergeScript)SCRIPT",
    ]
  }

  /// The commands that scan every shard on this machine, and the merge.
  public var localScripts: [String] {
    ((0..<shards).map { scanCommand($0) } + [mergeCommand]).map(ScanJobs.shell)
  }

  /// Submits the array to Slurm, and the merge after it; returns the numbers of both jobs.
  public func submit() throws -> [String] {
    try makeFolder()
    let array = try ScanJobs.output(of: submitCommand, input: slurmScript)
    return [
      array, try ScanJobs.output(of: submitMergeCommand(after: array), input: slurmMergeScript),
    ]
  }

  /// Runs all shards on this machine, then the merge; returns the code that the merge ended with.
  public func runHere() throws -> Int32 {
    try makeFolder()
    let codes = try Parallel.map(count: shards, jobs: width ?? Parallel.processorCount) {
      try ScanJobs.status(of: scanCommand($0))
    }
    if let index = codes.firstIndex(where: { $0 != 0 && $0 != 3 }) {
      throw Diagnostic(
        codes[index] == 75 ? .interrupted : .failed,
        "shard \(index) ended with code \(codes[index])", at: [folder],
        remedy: "run the same command again: what is done stays")
    }
    return try ScanJobs.status(of: mergeCommand)
  }

  private func makeFolder() throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Diagnostic(
        .cannotWrite, "the folder cannot be made", at: [folder],
        remedy: "name another with \(setting: .output)")
    }
  }

  /// The code that a command ends with. It writes to standard error.
  private static func status(of words: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.standardOutput = FileHandle.standardError
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch {
      throw Diagnostic(
        .failed, "\(words[0]) cannot be started", remedy: "check that it is there and may be run")
    }
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : 1
  }

  /// What a command of the scheduler's prints, given its input.
  private static func output(of words: [String], input: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let (source, sink) = (Pipe(), Pipe())
    process.standardInput = source
    process.standardOutput = sink
    do { try process.run() } catch {
      throw Diagnostic(
        .failed, "\(words[0]) cannot be started", remedy: "check that it is there and may be run")
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
          ? "run it where Slurm is, or print the scripts with \(setting: .dryRun)"
          : "print the scripts with \(setting: .dryRun), and try them by hand")
    }
    let text = String(decoding: output, as: UTF8.self)
    return String(text.prefix { $0.isNumber })
  }
}
