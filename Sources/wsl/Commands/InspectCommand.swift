import ArgumentParser
import ModelGraph
import Reports
import WeightFiles
import WorkbenchCore

/// `wsl inspect`: what is in a weight file.
struct InspectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what is in a weight file: tensors, layers, symmetries.",
    discussion: """
      Reads no tensor data. Examples:
        wsl inspect model.h5
        wsl inspect model.keras --symmetries
        wsl inspect *.h5 --json
      """)

  @Argument(help: "Weight files.", completion: .file())
  var files: [String]

  @Flag(help: "Show every tensor: shape, type, size, storage.")
  var tensors = false

  @Flag(help: "Show which axes may be permuted together.")
  var symmetries = false

  @OptionGroup var output: OutputOptions

  func run() async throws {
    var reports: [InspectResult] = []
    for path in files {
      let file = try await WeightFile.open(path)
      reports.append(InspectResult(file.catalog))
    }
    for report in reports { output.warn(report.warnings) }
    if output.json {
      if reports.count == 1 {
        try ResultPrinter.printJSON(reports[0])
      } else {
        try ResultPrinter.printJSON(reports)
      }
    } else {
      for (index, report) in reports.enumerated() {
        if index > 0 { Terminal.print("") }
        Terminal.print(report.text(showsTensors: tensors, showsSymmetries: symmetries))
      }
    }
  }
}
