import Archives
import CLinux
import Foundation
import Support

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
  private let names: [String]
  private let descriptor: Int32
  /// The folder's name when all of it is there: no handler knows it.
  private var complete: String { place + "2" }

  /// Makes an empty folder beside the path.
  ///
  /// - Parameters:
  ///   - path: the path that the folder will have.
  ///   - names: of all files that it will hold, and of folders before what is in them.
  ///   - optional: of files that it may hold.
  /// - Throws: `Diagnostic` of code `cannotWrite`, with nothing made; also where another process is
  ///   writing the same folder.
  init(_ path: String, names: [String], optional: [String] = []) throws {
    self.path = path
    self.names = names
    let folder = path.folderOfPath
    let prefix = folder.isEmpty || folder == "/" ? folder : folder + "/"
    // The name itself may be as long as a name can be: 255 bytes.
    let name = (path as NSString).lastPathComponent
    let short = name.utf8.count > 240 ? SHA256.digest(of: name).hexadecimal : name
    place = prefix + ".\(short).wsl-new"
    descriptor = try FolderTarget.make(place, for: path)
    guard FolderTarget.removeAbandoned(complete) else { throw FolderTarget.isBusy(path) }
    // Twice: while a signal's handler removes them, a file may still be given its name.
    for _ in 0..<2 {
      Leftovers.add(place)
      for name in names + optional { Leftovers.add(file(name)) }
    }
  }

  deinit {
    // After the commit, there is nothing of that name.
    try? FileManager.default.removeItem(atPath: place)
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
    // Out of the reach of a handler, which may have begun to take files away.
    guard rename(place, complete) == 0 else {
      throw TemporaryFile.failure(errno, at: path, "cannot be given its name")
    }
    do { try giveName() } catch {
      try? FileManager.default.removeItem(atPath: complete)
      throw error
    }
    // Some file systems cannot flush a folder; the files themselves are on disk.
    let folder = path.folderOfPath
    let parent = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard parent >= 0 else { return }
    fsync(parent)
    close(parent)
  }

  private func giveName() throws {
    var status = stat()
    guard names.allSatisfy({ lstat(complete + "/" + $0, &status) == 0 }) else {
      throw Diagnostic(.interrupted, "interrupted; nothing was written", at: [path])
    }
    if rename(complete, path) == 0 { return }
    guard errno == ENOTEMPTY || errno == EEXIST else {
      throw TemporaryFile.failure(errno, at: path, "cannot be given its name")
    }
    guard clinux_exchange(complete, path) == 0 else {
      throw TemporaryFile.failure(errno, at: path, "what is there cannot be replaced")
    }
    try? FileManager.default.removeItem(atPath: complete)
  }

  /// Makes and locks a folder; one that nobody holds is taken away before.
  ///
  /// - Returns: the descriptor that holds the lock.
  private static func make(_ place: String, for path: String) throws -> Int32 {
    for _ in 0..<100 {
      guard mkdir(place, 0o777) == 0 else {
        guard errno == EEXIST else {
          throw TemporaryFile.failure(errno, at: path, "this folder cannot be made")
        }
        guard removeAbandoned(place) else { throw isBusy(path) }
        continue
      }
      let descriptor = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      flock(descriptor, LOCK_EX | LOCK_NB)
      // Another process may have taken it for an abandoned one before it was locked.
      if isThere(descriptor, place) { return descriptor }
      close(descriptor)
    }
    throw isBusy(path)
  }

  /// Takes away what nobody has.
  ///
  /// - Returns: false where somebody has it.
  private static func removeAbandoned(_ place: String) -> Bool {
    let descriptor = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      // No folder at all, which is nobody's either.
      if errno == ENOTDIR || errno == ELOOP { unlink(place) }
      return true
    }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { return false }
    if isThere(descriptor, place) { try? FileManager.default.removeItem(atPath: place) }
    return true
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
