import Synchronization

/// Remembers the first progress that was told.
final class Epochs: Sendable {
  private let seen = Mutex<Int?>(nil)

  func note(_ completed: Int) { seen.withLock { $0 = $0 ?? completed } }

  var first: Int { seen.withLock { $0 ?? 0 } }
}
