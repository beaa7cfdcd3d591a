import Foundation
import Support

/// Keeps two processes from writing one index, or another file, at once. It goes away with the process.
///
/// It has to outlive SQLite's connection: closing any descriptor of a file gives up the locks that
/// SQLite has on it.
package final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Locks a file.
  ///
  /// - Parameter creates: whether it is made, empty, where it is not there.
  /// - Throws: `Diagnostic` of code `cannotWrite` where another process has it.
  package init(_ path: String, creates: Bool = false) throws {
    while true {
      let flags = creates ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC
      let descriptor = unsafe open(path, flags, 0o666)
      if descriptor < 0, creates {
        throw Diagnostic(
          .cannotWrite, "cannot be made: \(unsafe String(cString: strerror(errno)))", at: [path],
          remedy: "check the folder's permissions")
      }
      // Where the file system has no locks, there is nothing to be done.
      if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        close(descriptor)
        throw Diagnostic(
          .cannotWrite, "another process is writing to this file", at: [path],
          remedy: "wait for it, and run the command again")
      }
      if descriptor < 0 || FolderLock.isStill(descriptor, at: path) {
        self.descriptor = descriptor
        return
      }
      // Another process put a new file in its place.
      close(descriptor)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func isStill(_ descriptor: Int32, at path: String) -> Bool {
    var (own, there) = (stat(), stat())
    return unsafe fstat(descriptor, &own) == 0 && stat(path, &there) == 0
      && own.st_ino == there.st_ino && own.st_dev == there.st_dev
  }
}
