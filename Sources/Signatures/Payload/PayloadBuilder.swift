import Archives
import Support

/// Makes a payload of parts that come in order.
struct PayloadBuilder {
  private let byteCount: Int
  private let blockByteCount: Int
  private let jobs: Int?
  private var pending: [UInt8] = []
  private var blocks: [[UInt8]] = []

  /// How many blocks are compressed side by side.
  private static let batch = 16

  /// Begins a payload of that size.
  init(byteCount: Int, jobs: Int?) {
    self.byteCount = byteCount
    self.jobs = jobs
    blockByteCount = Payload.blockByteCount(for: byteCount)
  }

  /// Adds bytes.
  mutating func append(_ bytes: [UInt8]) throws {
    pending += bytes
    if pending.count >= PayloadBuilder.batch * blockByteCount { try flush() }
  }

  /// The payload, when all parts have come.
  mutating func finish() throws -> Payload {
    try flush()
    if !pending.isEmpty {
      pending += Array(repeating: 0, count: blockByteCount - pending.count)
      try flush()
    }
    return try Payload(byteCount: byteCount, blockByteCount: blockByteCount, blocks: blocks)
  }

  private mutating func flush() throws {
    let count = pending.count / blockByteCount
    let level = Payload.level(for: byteCount)
    blocks += try Parallel.map(count: count, jobs: jobs) { [pending, blockByteCount] index in
      try pending.withUnsafeBytes { all in
        try Zstandard.compress(
          UnsafeRawBufferPointer(
            rebasing: all[(index * blockByteCount)..<((index + 1) * blockByteCount)]),
          level: level)
      }
    }
    pending.removeFirst(count * blockByteCount)
  }
}
