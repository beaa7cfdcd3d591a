import Foundation

/// A folder of our own for one temporary file; both go with the last reference, and where a signal
/// ends the process: see `removeAll()`.
public final class ScratchFolder {
  /// The path of the file, which need not exist.
  public let file: String
  private let folder: String

  /// The paths of one file and its folder, as C strings that are never freed: a signal may come at
  /// any time.
  private struct Entry {
    let file: UnsafeMutablePointer<CChar>
    let folder: UnsafeMutablePointer<CChar>
    let next: UnsafeMutablePointer<Entry>?
  }

  /// What a signal handler removes. One word, written before the file is made: the handler sees all
  /// of an entry or nothing.
  nonisolated(unsafe) private static var entries: UnsafeMutablePointer<Entry>?
  private static let lock = NSLock()

  /// Makes the folder.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  public init(fileName: String) throws {
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
    guard let file = strdup(file), let folder = strdup(folder) else { return }
    let entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
    Self.lock.withLock {
      entry.initialize(to: Entry(file: file, folder: folder, next: Self.entries))
      Self.entries = entry
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Removes every temporary file and its folder. Calls only what a signal handler may.
  public static func removeAll() {
    var entry = entries
    while let current = entry {
      unlink(current.pointee.file)
      rmdir(current.pointee.folder)
      entry = current.pointee.next
    }
  }
}
