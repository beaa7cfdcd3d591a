import Foundation

/// The paths of temporary files that go where a signal ends the process: nothing else removes them then.
public enum Leftovers {
  /// A path, as a C string. Never freed: a signal may come at any time.
  fileprivate struct Entry {
    var path: UnsafeMutablePointer<CChar>?
    let next: UnsafeMutablePointer<Entry>?
  }

  /// A path that was added.
  public struct Token: @unchecked Sendable {
    fileprivate let entry: UnsafeMutablePointer<Entry>?
  }

  /// What a signal handler removes. One word, written last: the handler sees all of an entry or
  /// nothing.
  nonisolated(unsafe) private static var entries: UnsafeMutablePointer<Entry>?
  private static let lock = NSLock()

  /// Adds a path of this process's alone.
  @discardableResult
  public static func add(_ path: String) -> Token {
    guard let path = strdup(path) else { return Token(entry: nil) }
    let entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
    lock.withLock {
      entry.initialize(to: Entry(path: path, next: entries))
      entries = entry
    }
    return Token(entry: entry)
  }

  /// Forgets a path that is not this process's any more.
  public static func forget(_ token: Token) {
    // One word; the text stays, for a handler that is reading it.
    lock.withLock { token.entry?.pointee.path = nil }
  }

  /// Removes what is still there of the paths, the last one first: files, and folders that are empty
  /// then. Calls only what a signal handler may.
  public static func removeAll() {
    var entry = entries
    while let current = entry {
      if let path = current.pointee.path, unlink(path) != 0 { rmdir(path) }
      entry = current.pointee.next
    }
  }
}
