import Foundation
import Reports
import WeightFiles
import WorkbenchCore

/// A figure as files beside each other: the picture, its numbers, and a specification to restyle it.
enum FigureFiles {
  /// The files of a figure whose picture is at `path`: `.svg`, `.csv`, `.vl.json`.
  static func paths(_ path: String) -> [String] {
    let stem = (path as NSString).pathExtension == "svg" ? String(path.dropLast(4)) : path
    return [path, stem + ".csv", stem + ".vl.json"]
  }

  /// The path of a further figure: `path.svg` and `spectra` give `path-spectra.svg`.
  static func path(_ path: String, part: String) -> String {
    (path as NSString).pathExtension == "svg"
      ? "\(path.dropLast(4))-\(part).svg" : "\(path)-\(part).svg"
  }

  /// Writes all three.
  static func write(_ chart: LineChart, to path: String, overwrites: Bool) throws {
    let contents = [chart.svg(), chart.csv(), try chart.vegaLite()]
    for (path, content) in zip(paths(path), contents) {
      try AtomicFile.write(Array(content.utf8), to: path, overwrites: overwrites)
    }
  }
}
