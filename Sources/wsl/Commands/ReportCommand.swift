import ArgumentParser
import Foundation
import Reports
import WeightFiles
import WorkbenchCore

/// `wsl report`: one page of the results of other commands.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make one page of results: HTML, a Jupyter notebook, or Markdown.",
    discussion: """
      Takes the JSON that `wsl connect`, `wsl match` and `wsl merge` print, or folders of it, and \
      shows barriers against width, before and after matching, with all tables and paths. Examples:
        wsl connect a.h5 b.h5 --data digits --match --json > results/pair.json
        wsl report results -o report.html
      """)

  @Argument(help: "Results as JSON, and folders of them.", completion: .file())
  var results: [String]

  @Option(name: [.short, .long], help: "Write the page to this file.", completion: .file())
  var output: String

  @Option(help: "The title of the page.")
  var title = "Connectivity of networks"

  @Flag(help: "Replace the page where it exists.")
  var force = false

  @OptionGroup var shown: OutputOptions

  func run() async throws {
    try PageFile.check(output)
    try OutputPath.check(output, inputs: results, overwrites: force)
    let files = try results.flatMap(Self.files)
    guard !files.isEmpty else {
      throw Diagnostic(
        .noInput, "there is no .json file here", at: results,
        remedy: "write results there with --json")
    }
    var report = StudyReport()
    for file in files {
      guard let data = FileManager.default.contents(atPath: file) else {
        throw Diagnostic(.noInput, "there is no such file, or it cannot be read", at: [file])
      }
      let value: JSONValue
      do { value = try JSONValue(parsing: data) } catch {
        throw Diagnostic(
          .badData, "this is no JSON", at: [file], remedy: "give what a command printed with --json"
        )
      }
      try report.add(value, file: file)
    }
    try PageFile.write(report.page(title: title), to: output, overwrites: force)
    let summary = ReportResult(
      output: output, results: files.count, pairs: report.rows.count, rows: report.widthRows)
    if shown.json {
      try ResultPrinter.printJSON(summary)
    } else {
      Terminal.print(report.text)
      Terminal.print("written: \(output.escapingControlCharacters)")
    }
  }

  /// A file itself, or the results in a folder by name.
  private static func files(_ path: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Diagnostic(.noInput, "there is no such file or folder", at: [path])
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
}
