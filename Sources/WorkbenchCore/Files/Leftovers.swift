import Foundation

/// The paths of temporary files that go where a signal ends the process: nothing else removes them then.
public enum Leftovers {
  /// A path, as a C string. Never freed: a signal may come at any time.
  private struct Entry {
    let path: UnsafeMutablePointer<CChar>
    let next: UnsafeMutablePointer<Entry>?
  }

  /// What a signal handler removes. One word, written last: the handler sees all of an entry or
  /// nothing.
  nonisolated(unsafe) private static var entries: UnsafeMutablePointer<Entry>?
  private static let lock = NSLock()

  /// Adds a path of this process's alone, before anything is made there.
  public static func add(_ path: String) {
    guard let path = strdup(path) else { return }
    let entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
    lock.withLock {
      entry.initialize(to: Entry(path: path, next: entries))
      entries = entry
    }
  }

  /// Removes what is still there of the paths, the last one first: files, and folders that are empty
  /// then. Calls only what a signal handler may.
  public static func removeAll() {
    var entry = entries
    while let current = entry {
      if unlink(current.pointee.path) != 0 { rmdir(current.pointee.path) }
      entry = current.pointee.next
    }
  }
}
