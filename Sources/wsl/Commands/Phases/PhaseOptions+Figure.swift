import Archives
import ArgumentParser
import Foundation
import Reports
import Support

/// Where the picture of phases goes.
struct PhaseFigureOptions: ParsableArguments {
  @Option(help: "Draw the map and the measures as SVG.", completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Replace the picture where it exists.")
  var force = false

  func check(inputs: [String]) throws {
    guard let plot else { return }
    guard (plot as NSString).pathExtension == "svg" else {
      throw Diagnostic(
        .usage, "pictures are written as SVG", at: [plot], remedy: "let its name end in .svg")
    }
    try OutputPath.check(plot, inputs: inputs, overwrites: force)
  }

  func write(_ result: PhasesResult) throws {
    guard let plot else { return }
    try AtomicFile.write(Array(result.figure.svg().utf8), to: plot, overwrites: force)
  }
}
