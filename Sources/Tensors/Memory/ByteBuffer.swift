/// Bytes that a worker thread reuses from block to block; one owner.
package struct ByteBuffer: ~Copyable {
  private(set) var storage: UnsafeMutableRawBufferPointer

  /// Makes an empty buffer.
  package init() { storage = UnsafeMutableRawBufferPointer(start: nil, count: 0) }

  deinit { storage.deallocate() }

  /// The first bytes, after making room for as many. What was there is lost when it grows.
  package mutating func room(for count: Int) -> UnsafeMutableRawBufferPointer {
    if storage.count < count {
      storage.deallocate()
      storage = .allocate(byteCount: count, alignment: 64)
    }
    return UnsafeMutableRawBufferPointer(rebasing: storage[0..<count])
  }
}
