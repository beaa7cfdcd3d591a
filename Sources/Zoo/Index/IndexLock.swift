import Foundation
import WorkbenchCore

/// Keeps two processes from bringing one index up to date at once. It goes away with the process.
///
/// It has to outlive SQLite's connection: closing any descriptor of a file gives up the locks that
/// SQLite has on it.
final class IndexLock: Sendable {
  private let descriptor: Int32

  /// Locks an index.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite` where another process has it.
  init(_ path: String) throws {
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    // Where the file system has no locks, there is nothing to be done.
    if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(descriptor)
      throw Diagnostic(
        .cannotWrite, "another process is bringing this index up to date", at: [path],
        remedy: "wait for it, and run the command again")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
