import Archives
import ArgumentParser
import Foundation
import Reports
import Support

/// Where the picture and the page of phases go.
struct PhaseFigureOptions: ParsableArguments {
  @Option(help: "Draw the map and the measures as SVG.", completion: .file(extensions: ["svg"]))
  var plot: String?

  @Option(
    name: [.short, .long],
    help: "Write the map, the figures and their intervals to this page: .md, .html, or .ipynb.",
    completion: .file(extensions: ["md", "html", "ipynb"]))
  var output: String?

  @Flag(help: "Replace the picture and the page where they exist.")
  var force = false

  func check(inputs: [String]) throws {
    if let output {
      try PageFile.check(output)
      try OutputPath.check(output, inputs: inputs, overwrites: force)
    }
    guard let plot else { return }
    guard (plot as NSString).pathExtension == "svg" else {
      throw Diagnostic(
        .usage, "pictures are written as SVG", at: [plot], remedy: "let its name end in .svg")
    }
    try OutputPath.check(plot, inputs: inputs, overwrites: force)
  }

  func write(_ result: PhasesResult) throws {
    if let output { try PageFile.write(result.page, to: output, overwrites: force) }
    guard let plot else { return }
    try AtomicFile.write(Array(result.figure.svg().utf8), to: plot, overwrites: force)
  }
}
