import CLinux
import Foundation
import WorkbenchCore

/// A folder that is not there until all of its files are: made under another name beside its own.
///
/// Whatever happens before `commit`, what was there is as it was; a signal's handler calls `Leftovers`
/// for what was begun.
final class FolderTarget {
  /// Where the files go until then, without a slash at the end.
  let place: String
  private let path: String
  private var isCommitted = false

  /// Makes an empty folder beside the path.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`, with nothing made.
  init(_ path: String) throws {
    self.path = path
    let folder = path.folderOfPath
    let mark = String(UInt64.random(in: .min ... .max), radix: 36)
    let name = (path as NSString).lastPathComponent.prefix(100)
    place = (folder.isEmpty ? "" : folder + "/") + ".\(name).\(mark)"
    Leftovers.add(place)
    guard mkdir(place, 0o777) == 0 else {
      throw TemporaryFile.failure(errno, at: path, "this folder cannot be made")
    }
  }

  deinit {
    if !isCommitted { try? FileManager.default.removeItem(atPath: place) }
  }

  /// The path of a file or folder in it, which goes when the process is ended before the commit.
  func file(_ name: String) -> String {
    let file = place + "/" + name
    Leftovers.add(file)
    return file
  }

  /// Gives the folder its name. What has had the name goes.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`; what was there is then as it was.
  func commit() throws {
    flush(place)
    if rename(place, path) != 0 {
      guard errno == ENOTEMPTY || errno == EEXIST else {
        throw TemporaryFile.failure(errno, at: path, "cannot be given its name")
      }
      guard clinux_exchange(place, path) == 0 else {
        throw TemporaryFile.failure(errno, at: path, "what is there cannot be replaced")
      }
      try? FileManager.default.removeItem(atPath: place)
    }
    isCommitted = true
    let folder = path.folderOfPath
    flush(folder.isEmpty ? "." : folder)
  }

  /// Some file systems cannot flush a folder; the files themselves are on disk.
  private func flush(_ folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
