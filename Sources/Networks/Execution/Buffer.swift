import Support

/// A piece of memory that commands read and write. Its place is decided once, when the whole
/// program is known.
final class Buffer {
  /// The size.
  let byteCount: Int
  /// Whether the contents must survive from one run to the next, so that the memory is never
  /// shared.
  var isPinned: Bool
  /// The place, once memory has been planned.
  private(set) var address: UnsafeMutableRawPointer?

  /// Asks for memory.
  init(byteCount: Int, isPinned: Bool = false) {
    self.byteCount = byteCount
    self.isPinned = isPinned
  }

  /// Gives the buffer its place.
  func place(at address: UnsafeMutableRawPointer) { self.address = address }

  /// The first byte. The buffer must have been placed.
  var base: UnsafeMutableRawPointer {
    guard let address else { preconditionFailure("a buffer is used before memory was planned") }
    return address
  }

  /// The buffer as floats.
  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}

/// A tensor in a buffer.
struct Form {
  /// How the elements lie.
  var layout: DataLayout
  /// Where they lie.
  var buffer: Buffer
}

/// A stretch of memory, aligned for vectors and zeroed: the owner of one allocation.
final class AlignedMemory {
  /// The first byte, a multiple of 64.
  let base: UnsafeMutableRawPointer
  /// The size.
  let byteCount: Int

  /// Allocates.
  init(byteCount: Int) {
    self.byteCount = max(64, byteCount)
    base = .allocate(byteCount: self.byteCount, alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: self.byteCount)
  }

  deinit { base.deallocate() }
}
