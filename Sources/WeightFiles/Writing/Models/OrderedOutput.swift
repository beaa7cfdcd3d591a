import Support
import Synchronization

/// Hands over the results of threads in the order of their indices: whoever finishes the next one
/// hands it over, and all after it that wait, while the others go on working.
final class OrderedOutput: Sendable {
  private struct State {
    var next = 0
    var waiting: [Int: [UInt8]] = [:]
  }

  private let state = Mutex(State())

  /// Takes one result.
  ///
  /// - Parameters:
  ///   - bytes: the result; copied only where it has to wait.
  ///   - index: its place; each index comes once.
  ///   - receive: called by one thread at a time, with rising indices.
  func hand(
    over bytes: UnsafeRawBufferPointer, at index: Int,
    _ receive: (Int, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try state.withLock { state in
      guard index == state.next else {
        state.waiting[index] = Array(bytes)
        return
      }
      try receive(index, bytes)
      state.next += 1
      while let ready = state.waiting.removeValue(forKey: state.next) {
        try ready.withUnsafeBytes { try receive(state.next, $0) }
        state.next += 1
      }
    }
  }
}
