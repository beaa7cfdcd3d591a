import Foundation

/// A folder of our own for temporary files; all of it goes with the last reference, and where a signal
/// ends the process: see `Leftovers`.
public final class ScratchFolder: Sendable {
  /// The path of the first file, which need not exist.
  public let file: String
  private let folder: String

  /// Makes the folder.
  ///
  /// - Parameters:
  ///   - fileName: the name of the file in it.
  ///   - others: the names of all others that there may be.
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  public init(fileName: String, others: [String] = []) throws {
    let base = FileManager.default.temporaryDirectory.path
    // Six letters that mkdtemp replaces.
    var template = Array("\(base)/wsl-\(String(repeating: "X", count: 6))".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Diagnostic(
        .cannotWrite, "no temporary folder can be made (\(String(cString: strerror(errno))))",
        at: [base], remedy: "name a folder that can be written to in TMPDIR")
    }
    folder = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    file = "\(folder)/\(fileName)"
    Leftovers.add(folder)
    for name in [fileName] + others { Leftovers.add("\(folder)/\(name)") }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }
}
