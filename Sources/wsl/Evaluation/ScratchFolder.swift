import Foundation
import WorkbenchCore

/// A folder of our own for one temporary file; both go with the last reference.
final class ScratchFolder {
  /// The path of the file, which need not exist.
  let file: String
  private let folder: String

  /// Makes the folder.
  init(fileName: String) throws {
    let base = FileManager.default.temporaryDirectory.path
    var template = Array("\(base)/wsl-evaluator-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Diagnostic(
        .cannotWrite, "no temporary folder can be made (\(String(cString: strerror(errno))))",
        at: [base], remedy: "name a folder that can be written to in TMPDIR")
    }
    folder = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    file = "\(folder)/\(fileName)"
    Interruption.removes(file: file, folder: folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }
}
