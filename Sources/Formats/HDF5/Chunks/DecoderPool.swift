import Synchronization

/// Decoders that are kept from window to window of a stream, so that their buffers are made once.
///
/// Each thread takes one; when all threads are done they are given back together.
final class DecoderPool: Sendable {
  /// A decoder that one thread uses at a time, from when the pool gives it until it is given back: that is
  /// why it may go from thread to thread.
  final class Lease: @unchecked Sendable {
    var decoder: ChunkDecoder

    init() throws { decoder = try ChunkDecoder() }
  }

  private let leases = Mutex<(all: [Lease], taken: Int)>(([], 0))

  /// A decoder that no other thread has; a new one where all are taken.
  func take() throws -> Lease {
    try leases.withLock { state in
      if state.taken == state.all.count { state.all.append(try Lease()) }
      state.taken += 1
      return state.all[state.taken - 1]
    }
  }

  /// Takes all decoders back. No thread may use one any more.
  func giveBack() { leases.withLock { $0.taken = 0 } }
}
