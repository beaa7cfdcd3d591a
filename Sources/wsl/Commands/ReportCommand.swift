import ArgumentParser
import Foundation
import Reports
import Support
import WeightFiles
import Workbench
import ZooIndex

/// `wsl report`: one page of the results of other commands.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make one page of an index or of results: HTML, a Jupyter notebook, or Markdown.",
    discussion: """
      Of an index it shows the populations, the labels, how accuracies and the scans' figures are \
      distributed, layer by layer, and what could not be read. Of the JSON that `wsl connect`, \
      `wsl match` and `wsl merge` print, or folders of it, it shows barriers against width, before \
      and after matching, with all tables and paths. Of the JSON that `wsl probe train` prints it shows kinds, \
      layers, learning curves, confusion, reliability, and models in two dimensions. Examples:
        wsl report zoo.sqlite -o zoo.html
        wsl connect a.h5 b.h5 --data digits --match --json > results/pair.json
        wsl report results -o report.html
      """)

  @Argument(help: "An index, results as JSON, and folders of them.", completion: .file())
  var results: [String]

  @Option(name: [.short, .long], help: "Write the page to this file.", completion: .file())
  var output: String

  @Option(help: "The title of the page.")
  var title: String?

  @Flag(help: "Replace the page where it exists.")
  var force = false

  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func run() async throws {
    try PageFile.check(output)
    try OutputPath.check(output, inputs: results, overwrites: force)
    let indexes = results.filter(Self.isDatabase)
    let zoos = try indexes.map { try ZooReport(try ZooIndex.open(reading: $0)) }
    let files = try results.filter { !indexes.contains($0) }.flatMap(Self.files)
    guard !files.isEmpty || !zoos.isEmpty else {
      throw Diagnostic(
        .noInput, "there is no .json file here", at: results,
        remedy: "write results there with --json; of a folder of models, make an index first: "
          + "`wsl zoo index \(results.first ?? "FOLDER") -o zoo.sqlite`")
    }
    var report = StudyReport()
    for file in files {
      guard let data = FileManager.default.contents(atPath: file) else {
        throw Diagnostic(
          .noInput, "there is no such file, or it cannot be read", at: [file],
          remedy: "check the path and its permissions")
      }
      let value: JSONValue
      do { value = try JSONValue(parsing: data) } catch {
        throw Diagnostic(
          .badData, "this is no JSON", at: [file], remedy: "give what a command printed with --json"
        )
      }
      try report.add(value, file: file)
    }
    var page = ReportPage(
      title: title
        ?? (files.isEmpty
          ? "A zoo of models"
          : report.pathCount == 0 && report.probeCount > 0
            ? "Probes of weights" : "Connectivity of networks"))
    for zoo in zoos { zoo.add(to: &page) }
    report.add(to: &page)
    try PageFile.write(page, to: output, overwrites: force)
    let summary = ReportResult(
      output: output, results: files.count, pairs: report.pathCount, rows: report.widthRows,
      indexes: zoos.map {
        ReportResult.Index(
          index: $0.index, models: $0.modelCount, failures: $0.failures.count)
      })
    if shown.json {
      try ResultPrinter.printJSON(summary)
    } else {
      for index in summary.indexes {
        Terminal.print(
          "\(index.index): \(index.models) models, \(index.failures) files that could not be read"
            .escapingControlCharacters)
      }
      if !files.isEmpty { Terminal.print(report.text) }
      Terminal.print("written: \(output.escapingControlCharacters)")
    }
  }

  /// Whether a file is an SQLite database.
  private static func isDatabase(_ path: String) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    return (try? file.read(upToCount: 16)) == Data("SQLite format 3\0".utf8)
  }

  /// A file itself, or the results in a folder by name.
  private static func files(_ path: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Diagnostic(
        .noInput, "there is no such file or folder", at: [path], remedy: "check the path")
    }
    guard isFolder.boolValue else { return [path] }
    return try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0.hasSuffix(".json") && !$0.hasSuffix(".vl.json") }.sorted()
      .map { (path as NSString).appendingPathComponent($0) }
  }
}

/// What `wsl report` says.
struct ReportResult: Encodable {
  var output: String
  var results: Int
  var pairs: Int
  var rows: [StudyReport.WidthRow]
  var indexes: [Index]

  /// An index on the page.
  struct Index: Encodable {
    var index: String
    var models: Int
    var failures: Int
  }
}
