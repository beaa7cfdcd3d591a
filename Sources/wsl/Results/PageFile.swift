import Archives
import Foundation
import Reports
import Support

/// A page of results as a file, in the form that its name's ending says.
enum PageFile {
  /// Refuses, before any work, a name whose ending says nothing.
  static func check(_ path: String) throws { _ = try form(of: path) }

  /// Writes a page.
  static func write(_ page: ReportPage, to path: String, overwrites: Bool) throws {
    let text = try form(of: path)(page)
    try AtomicFile.write(Array(text.utf8), to: path, overwrites: overwrites)
  }

  private static func form(of path: String) throws -> (ReportPage) throws -> String {
    switch (path as NSString).pathExtension.lowercased() {
    case "html", "htm": { $0.html }
    case "ipynb": { try $0.notebook() }
    case "md": { $0.markdown }
    default:
      throw Diagnostic(
        .usage, "the ending of its name says no form of a page", at: [path],
        remedy: "end it in .html, .ipynb or .md")
    }
  }
}
