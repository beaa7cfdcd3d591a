import Archives
import ArgumentParser
import ModelGraph
import Reports
import Support
import WeightFiles

/// `wsl inspect`: what is in a weight file.
struct InspectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what is in a weight file: tensors, layers, symmetries.",
    discussion: """
      Reads no tensor data, except with --check and --checksums. Of several files those that can \
      be read are shown; the exit code is 3 where some cannot, or a tensor is damaged. Examples:
        wsl inspect model.h5
        wsl inspect model.keras --symmetries
        wsl inspect model.h5 --symmetries --check
        wsl inspect *.h5 --json
        wsl inspect *.h5 --json-lines | jq -c '[.file, .parameters]'
        wsl inspect model.safetensors --graph-out graph.yaml
        wsl inspect 'zoo.tar#seed0/model.h5'
      """)

  @Argument(help: "Weight files.", completion: .file())
  var files: [String]

  @Flag(help: "Show every tensor: shape, type, size, storage.")
  var tensors = false

  @Flag(help: "Show which axes may be permuted together.")
  var symmetries = false

  @Flag(
    help: """
      Prove the symmetries: permute each group at random, run both networks on random inputs, and \
      show the largest difference. Exit code 2 where a group is no symmetry.
      """)
  var check = false

  @Flag(
    help: """
      Show a checksum of every tensor (XXH3 of its decoded, little-endian elements). Reads all \
      tensors.
      """)
  var checksums = false

  @Flag(help: "With --checksums: SHA-256 in place of XXH3.")
  var sha256 = false

  @Option(
    help: ArgumentHelp(
      "Write the network that was understood as a description that --graph reads.",
      valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var graphOut: String?

  @Flag(help: "Replace the file of --graph-out, where it is there.")
  var force = false

  @OptionGroup(title: "The network") var stated: GraphOptions

  @Option(help: "The seed of the permutations and inputs of --check.")
  var seed: UInt64 = 0

  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var memory: StreamOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var output: SeveralOptions

  mutating func validate() throws {
    files = files.map(part.path)
    guard graphOut == nil || files.count == 1 else {
      throw ValidationError("--graph-out writes the network of one file.")
    }
  }

  func run() async throws {
    let memory = try memory.limit()
    var reports: [InspectResult] = []
    for path in files {
      do {
        let one = try await report(path, memory.isStrict ? memory.budget : nil)
        if output.jsonLines { try ResultPrinter.printJSON(one) }
        reports.append(one)
      } catch let error as Diagnostic where files.count > 1 && error.code != .interrupted {
        Terminal.printError("error: \(error)")
        try output.printLine(error, of: path)
      }
    }
    for report in reports { output.warn(report.warnings) }
    if output.json, files.count == 1, let only = reports.first {
      try ResultPrinter.printJSON(only)
    } else if output.json || output.csv {
      try ResultPrinter.show(reports, as: output.table, "")
    } else if !output.jsonLines {
      for (index, report) in reports.enumerated() {
        if index > 0 { Terminal.print("") }
        Terminal.print(
          report.text(
            showsTensors: tensors || checksums || sha256, showsSymmetries: symmetries || check))
      }
    }
    if reports.count < files.count || reports.contains(where: \.isIncomplete) { throw ExitCode(3) }
    if reports.contains(where: { $0.check?.holds == false }) { throw ExitCode(2) }
  }

  private func report(_ path: String, _ budget: Int?) async throws -> InspectResult {
    let file = try await WeightFile.open(path)
    var report = try InspectResult(file.catalog, statement: stated.statement)
    if let graphOut {
      let text = try ModelGraph(file.catalog, statement: stated.statement).description()
      try AtomicFile.write(Array(text.utf8), to: graphOut, overwrites: force)
    }
    if check { try report.prove(file, statement: stated.statement, seed: seed) }
    if checksums || sha256 {
      try report.addChecksums(
        file, sha256 ? .sha256 : .xxh3, jobs: workers.jobs, budget: budget)
    }
    return report
  }
}
