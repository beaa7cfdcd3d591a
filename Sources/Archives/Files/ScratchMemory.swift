import Synchronization

/// How much of what is unpacked, of all files together, may lie in memory. The rest is put on disk,
/// into files without a name.
public enum ScratchMemory {
  private static let state = Mutex((limit: 256 << 20, used: 0))

  /// Sets the limit, in bytes.
  public static func limit(to byteCount: Int) {
    state.withLock { $0.limit = max(0, byteCount) }
  }

  /// How many bytes may be taken by one file at most.
  static var limit: Int { state.withLock { $0.limit } }

  /// Some bytes of it; they are given back with the last reference.
  package final class Share: Sendable {
    private let count = Mutex(0)

    deinit {
      let count = count.withLock { $0 }
      ScratchMemory.state.withLock { $0.used -= count }
    }

    /// Takes more; false where there is not as much.
    func grow(by more: Int) -> Bool {
      let isThere = ScratchMemory.state.withLock { state in
        guard more <= state.limit - state.used else { return false }
        state.used += more
        return true
      }
      if isThere { count.withLock { $0 += more } }
      return isThere
    }
  }
}
