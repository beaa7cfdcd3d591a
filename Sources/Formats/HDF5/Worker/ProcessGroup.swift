import Glibc
import Synchronization

/// The process group of a worker, and whether it was ended from here.
final class ProcessGroup: Sendable {
  /// The group's number, once there is one.
  let process = Atomic<pid_t>(0)
  private let ended = Atomic<Bool>(false)

  /// Whether it was ended from here.
  var wasEnded: Bool { ended.load(ordering: .relaxed) }

  /// Ends all its processes; false where there are none yet.
  @discardableResult
  func end() -> Bool {
    let group = process.load(ordering: .relaxed)
    guard group > 0 else { return false }
    ended.store(true, ordering: .relaxed)
    CatalogWorker.end(group: group)
    return true
  }
}
