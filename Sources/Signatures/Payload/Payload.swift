import Archives
import Foundation
import Support
import Synchronization

/// A list of bytes in blocks compressed with zstd, which stay so in memory: the codes and values of a
/// signature, one tensor after the other.
struct Payload: Sendable, Hashable {
  /// The number of bytes.
  var byteCount: Int
  /// The number of bytes in every block; the last one is filled up with zeros.
  var blockByteCount: Int
  /// The frames.
  var blocks: [[UInt8]]

  /// The largest block.
  static let maximalBlockByteCount = 1 << 20
  /// Payloads above this size are compressed for speed.
  private static let smallByteCount = 8 << 20

  /// The block size of a payload of that size.
  static func blockByteCount(for byteCount: Int) -> Int {
    max(1, min(byteCount, maximalBlockByteCount))
  }

  /// The level at which a payload of that size is compressed.
  static func level(for byteCount: Int) -> Int { byteCount <= smallByteCount ? 19 : 3 }

  /// Takes over blocks that were read.
  ///
  /// - Throws: `Diagnostic` of code `badData` where they cannot be those of so many bytes.
  init(byteCount: Int, blockByteCount: Int, blocks: [[UInt8]]) throws {
    guard byteCount >= 0, (1...Payload.maximalBlockByteCount).contains(blockByteCount),
      blocks.count == byteCount / blockByteCount + (byteCount % blockByteCount == 0 ? 0 : 1)
    else { throw Diagnostic(.badData, "its blocks do not hold the codes that it claims") }
    self.byteCount = byteCount
    self.blockByteCount = blockByteCount
    self.blocks = blocks
  }

  /// Calls `body` with the bytes of a range.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the range or a block is damaged.
  /// - Complexity: O(range), with whole blocks.
  func withBytes<Result>(
    _ range: Range<Int>, _ space: inout PayloadSpace,
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    guard range.lowerBound >= 0, range.upperBound <= byteCount else {
      throw Diagnostic(.badData, "its codes lie beyond their end")
    }
    if range.isEmpty { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    let first = range.lowerBound / blockByteCount
    let last = (range.upperBound - 1) / blockByteCount
    let joined = space.room(for: (last - first + 1) * blockByteCount)
    for index in first...last {
      let start = (index - first) * blockByteCount
      let part = UnsafeMutableRawBufferPointer(
        rebasing: joined[start..<(start + blockByteCount)])
      if space.holds(index, of: blocks[index], at: start) { continue }
      try blocks[index].withUnsafeBytes { try Zstandard.decompress($0, to: part) }
    }
    space.note(first: first, count: last - first + 1, of: blocks[first])
    let start = range.lowerBound - first * blockByteCount
    return try body(UnsafeRawBufferPointer(rebasing: joined[start..<(start + range.count)]))
  }

  /// The SHA-256 of the uncompressed bytes, which does not depend on the compressor. Some blocks are
  /// taken into it while the next ones are decompressed.
  ///
  /// - Parameter jobs: how many threads decompress.
  func digest(jobs: Int? = nil) throws -> [UInt8] {
    let batch = 4 * max(1, jobs ?? Parallel.processorCount)
    let roomCount = min(batch, max(1, blocks.count)) * blockByteCount
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * roomCount, alignment: 64)
    defer { room.deallocate() }
    let shared = SharedRoom(bytes: room)
    let hash = Mutex(SHA256())
    for first in stride(from: 0, to: blocks.count + batch, by: batch) {
      let count = max(0, min(batch, blocks.count - first))
      let (here, there) = first / batch % 2 == 0 ? (0, roomCount) : (roomCount, 0)
      let before = max(0, first - batch) * blockByteCount
      let used = first == 0 ? 0 : min(batch * blockByteCount, byteCount - before)
      try Parallel.forEach(count: count + 1, jobs: jobs) { place in
        guard place > 0 else {
          let part = UnsafeRawBufferPointer(rebasing: shared.bytes[there..<(there + used)])
          return hash.withLock { $0.update(part) }
        }
        let start = here + (place - 1) * blockByteCount
        try blocks[first + place - 1].withUnsafeBytes { frame in
          try Zstandard.decompress(
            frame,
            to: UnsafeMutableRawBufferPointer(
              rebasing: shared.bytes[start..<(start + blockByteCount)]))
        }
      }
    }
    return hash.withLock { $0.finalize() }
  }

  /// Memory of which several threads each fill a part of their own.
  private struct SharedRoom: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
  }
}

/// Memory that one thread decompresses into, from range to range.
struct PayloadSpace: ~Copyable {
  private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// The one block that is there alone, so that neighbouring ranges do not decompress it again.
  private var single: (index: Int, frame: [UInt8])?

  deinit { storage.deallocate() }

  mutating func room(for count: Int) -> UnsafeMutableRawBufferPointer {
    if storage.count < count {
      storage.deallocate()
      storage = .allocate(byteCount: count, alignment: 64)
      single = nil
    }
    return UnsafeMutableRawBufferPointer(rebasing: storage[0..<count])
  }

  /// Whether a block is there already.
  func holds(_ index: Int, of frame: [UInt8], at start: Int) -> Bool {
    guard start == 0, let single, single.index == index else { return false }
    // The same array, not an equal one: comparing pointers costs nothing.
    return single.frame.withUnsafeBytes { held in
      frame.withUnsafeBytes { $0.baseAddress == held.baseAddress }
    }
  }

  mutating func note(first: Int, count: Int, of frame: [UInt8]) {
    single = (first, frame)
  }
}
