import CLinux
import Foundation
import WorkbenchCore

/// A folder that is not there until all of its files are: made under a name beside its own.
///
/// Whatever happens before `commit`, what was there is as it was. A signal's handler calls `Leftovers`
/// for what was begun; what a process leaves that is ended by force is a folder `.NAME.wsl-new`, and goes
/// with the next write to the same target. Whoever writes it holds a lock on it, which goes with the
/// process: without the lock, it is nobody's.
final class FolderTarget {
  /// Where the files go until then, without a slash at the end.
  let place: String
  private let path: String
  private let descriptor: Int32
  private var isCommitted = false

  /// Makes an empty folder beside the path.
  ///
  /// - Parameters:
  ///   - path: the path that the folder will have.
  ///   - names: of all files that it will hold, and of folders before what is in them.
  /// - Throws: `Diagnostic` of code `cannotWrite`, with nothing made; also where another process is
  ///   writing the same folder.
  init(_ path: String, names: [String]) throws {
    self.path = path
    let folder = path.folderOfPath
    let prefix = folder.isEmpty || folder == "/" ? folder : folder + "/"
    // The name itself may be as long as a name can be: 255 bytes.
    let name = (path as NSString).lastPathComponent
    let short = name.utf8.count > 240 ? SHA256.digest(of: name).hexadecimal : name
    place = prefix + ".\(short).wsl-new"
    descriptor = try FolderTarget.make(place, for: path)
    // Twice: while a signal's handler removes them, a file may still be given its name.
    for _ in 0..<2 {
      Leftovers.add(place)
      for name in names { Leftovers.add(file(name)) }
    }
  }

  deinit {
    if !isCommitted { try? FileManager.default.removeItem(atPath: place) }
    close(descriptor)
  }

  /// The path of a file or folder in it.
  func file(_ name: String) -> String { place + "/" + name }

  /// An error with the path that the user knows in the place of the folder's name until then.
  func told(_ error: Diagnostic) -> Diagnostic {
    var told = error
    told.location = error.location.map { $0.replacing(place, with: path) }
    return told.location.isEmpty ? told.inside(path) : told
  }

  /// Gives the folder its name. What has had the name goes.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`; what was there is then as it was.
  func commit() throws {
    fsync(descriptor)
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
    // Some file systems cannot flush a folder; the files themselves are on disk.
    let folder = path.folderOfPath
    let parent = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard parent >= 0 else { return }
    fsync(parent)
    close(parent)
  }

  /// Makes and locks the folder; one that nobody holds is taken away before.
  ///
  /// - Returns: the descriptor that holds the lock.
  private static func make(_ place: String, for path: String) throws -> Int32 {
    for _ in 0..<100 {
      let isNew = mkdir(place, 0o777) == 0
      guard isNew || errno == EEXIST else {
        throw TemporaryFile.failure(errno, at: path, "this folder cannot be made")
      }
      let descriptor = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else {
        // Taken away just now; or no folder at all, which is nobody's either.
        if errno == ENOTDIR || errno == ELOOP { unlink(place) }
        continue
      }
      let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
      if !isLocked, errno == EWOULDBLOCK, !isNew {
        close(descriptor)
        throw isBusy(path)
      }
      // Another process may have taken it for an abandoned one before it was locked.
      if isNew, isThere(descriptor, place) { return descriptor }
      if !isNew, isLocked, isThere(descriptor, place) {
        try? FileManager.default.removeItem(atPath: place)
      }
      close(descriptor)
    }
    throw isBusy(path)
  }

  /// Whether a path leads to what a descriptor does.
  private static func isThere(_ descriptor: Int32, _ place: String) -> Bool {
    var (own, there) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && lstat(place, &there) == 0
      && own.st_ino == there.st_ino && own.st_dev == there.st_dev
  }

  private static func isBusy(_ path: String) -> Diagnostic {
    Diagnostic(
      .cannotWrite, "another process is writing this folder", at: [path],
      remedy: "wait for it, and run the command again")
  }
}
