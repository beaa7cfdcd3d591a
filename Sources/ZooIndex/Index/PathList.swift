import Foundation
import Support

/// Paths in one cell: a line each, or, where one holds a line feed, a JSON list.
///
/// Paths in an index are absolute, so that a list in JSON begins as no path does.
enum PathList {
  /// The cell.
  static func text(of paths: [String]) -> String {
    guard paths.contains(where: { $0.utf8.contains(0x0A) }) else {
      return paths.joined(separator: "\n")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    // Texts are always JSON.
    return (try? encoder.encode(paths)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
  }

  /// The paths of a cell.
  static func paths(in text: String) -> [String] {
    if text.hasPrefix("["), let list = try? JSONValue(parsing: text.utf8).array {
      return list.compactMap(\.string)
    }
    return text.split(separator: "\n").map(String.init)
  }
}
