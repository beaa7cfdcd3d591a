import Archives
import ArgumentParser
import Foundation
import Reports
import Support
import WeightFiles
import ZooIndex

/// `wsl zoo pack`: a zoo as one archive.
struct ZooPackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Store models as one archive, fine-tunes as differences from what they are near.",
    discussion: """
      The archive is an HDF5 file. Which model is stored as integer differences from which other is \
      found by comparing their weights; `wsl zoo unpack` restores every file byte for byte. Files \
      whose names cannot be kept are listed and left out, and the exit code is then 3. Example:
        wsl zoo pack zoo/ -o zoo-packed.h5
      """)

  @Argument(help: "Weight files, and folders of them.", completion: .file())
  var inputs: [String]

  @Option(name: [.short, .long], help: "Write the archive to this file.", completion: .file())
  var output: String

  @Option(help: "The level of Zstandard, from 1 (fast) to 19 (small).")
  var level = 9

  @Flag(help: "Replace the output where it exists.")
  var force = false

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func validate() throws {
    guard (1...19).contains(level) else {
      throw ValidationError("--level takes a number from 1 to 19.")
    }
  }

  func run() async throws {
    let all = try inputs.map { try ZooFiles.find($0) }
    let found = all.flatMap(\.models)
    let leftOut = all.flatMap(\.leftOut)
    try OutputPath.check(output, inputs: found.map(\.path), overwrites: force)
    let target = URL(fileURLWithPath: output).standardizedFileURL
    let models = found.filter { URL(fileURLWithPath: $0.path).standardizedFileURL != target }
    guard !models.isEmpty else {
      throw Diagnostic(
        .noInput, "there are no weight files", at: inputs,
        remedy: "name weight files, or folders that hold some")
    }
    if let twice = Dictionary(grouping: models, by: \.name).first(where: { $0.value.count > 1 }) {
      throw Diagnostic(
        .usage, "two files would have this name in the archive", at: [twice.key],
        remedy: "name the folder that both are in")
    }
    let progress = ProgressLine(quiet: shown.quiet)
    let members = try await ZooPacker(level: level, jobs: workers.jobs).pack(
      models, to: output, overwrites: force, progress: progress.handler)
    progress.finish()
    let result = ZooPackResult(members, output: output, leftOut: leftOut)
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
    if !leftOut.isEmpty { throw ExitCode(3) }
  }
}

/// `wsl zoo unpack`: the files of an archive.
struct ZooUnpackCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpack",
    abstract: "Restore the files of a packed zoo, byte for byte.",
    discussion: """
      Each file is checked against its SHA-256. Examples:
        wsl zoo unpack zoo-packed.h5 -o zoo
        wsl zoo unpack zoo-packed.h5 --model root.h5 -o zoo
      """)

  @Argument(help: "The archive.", completion: .file())
  var archive: String

  @Option(name: [.short, .long], help: "The folder for the files.", completion: .directory)
  var output: String

  @Option(help: ArgumentHelp("Only this model; may be repeated.", valueName: "name"))
  var model: [String] = []

  @Flag(help: "Replace files where they exist.")
  var force = false

  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  var interruption: Interruption.Outcome { .someFiles }

  func run() async throws {
    let zoo = try await PackedZoo.open(archive)
    let members = zoo.members.filter { model.isEmpty || model.contains($0.name) }
    if let missing = model.first(where: { name in !members.contains { $0.name == name } }) {
      throw Diagnostic(
        .usage, "the archive has no such model", at: [archive, missing],
        remedy: "`wsl zoo index` lists what an archive holds")
    }
    let progress = ProgressLine(quiet: shown.quiet)
    for (index, member) in members.enumerated() {
      progress.handler(ProgressUpdate("unpacking", completed: index, total: members.count))
      guard ZooFiles.isPlainPath(member.name) else {
        throw Diagnostic(
          .badData, "its name leads out of the folder", at: [archive, member.name],
          remedy: "do not unpack this archive: it may be hostile")
      }
      let path = URL(fileURLWithPath: output).appending(path: member.name)
      do {
        try FileManager.default.createDirectory(
          at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      } catch {
        throw Diagnostic(
          .cannotWrite, "the folder cannot be made", at: [path.path],
          remedy: "check the path and its permissions")
      }
      try AtomicFile.write(try zoo.bytes(of: member), to: path.path, overwrites: force)
    }
    progress.finish()
    let result = ZooUnpackResult(output: output, models: members.map(\.name))
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
  }
}
