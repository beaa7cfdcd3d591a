import Archives
import Foundation
import Reports
import Support

/// A figure as files beside each other: the picture, its numbers, and a specification to restyle it.
enum FigureFiles {
  /// The files of a figure whose picture is at `path`: `.svg`, `.csv`, `.vl.json`.
  static func paths(_ path: String) -> [String] {
    let stem = String(path.dropLast(4))
    return [path, stem + ".csv", stem + ".vl.json"]
  }

  /// Refuses a path that does not end in `.svg`, and files that cannot be written.
  ///
  /// - Parameters:
  ///   - path: the picture.
  ///   - inputs: the paths of what is read.
  ///   - overwrites: whether files that are there may be replaced.
  static func check(_ path: String, inputs: [String], overwrites: Bool) throws {
    guard (path as NSString).pathExtension == "svg" else {
      throw Diagnostic(
        .usage, "pictures are written as SVG", at: [path], remedy: "let its name end in .svg")
    }
    for file in paths(path) { try OutputPath.check(file, inputs: inputs, overwrites: overwrites) }
  }

  /// The path of a further figure: `path.svg` and `spectra` give `path-spectra.svg`.
  static func path(_ path: String, part: String) -> String {
    "\(path.dropLast(4))-\(part).svg"
  }

  /// Writes all three.
  static func write(_ chart: some Figure, to path: String, overwrites: Bool) throws {
    let contents = [chart.svg(), chart.csv(), try chart.vegaLite()]
    for (path, content) in zip(paths(path), contents) {
      try AtomicFile.write(Array(content.utf8), to: path, overwrites: overwrites)
    }
  }
}
