import Formats
import Support
import Synchronization

/// Encodes all blocks of a tensor in parallel, and hands them over in the order of the grid.
///
/// - Parameters:
///   - bytes: the elements as stored.
///   - masks: for some places of the grid, the filters that are left out there.
///   - limits: for some places, how large a block should be, where more work makes it so.
///   - jobs: how many threads encode. The blocks do not depend on it.
///   - receive: takes a block's origin, the filters that were left out, and its bytes.
func encodeChunks(
  of bytes: [UInt8], geometry: ChunkGeometry, pipeline: FilterPipeline,
  masks: [Int: UInt32] = [:], limits: [Int: Int] = [:], jobs: Int? = nil,
  _ receive: ([Int], UInt32, [UInt8]) throws -> Void
) throws {
  guard let cells = geometry.cellCount else { throw Diagnostic(.badData, "its grid overflows") }
  // Some blocks for each thread, and not all blocks at once: that would be a second copy.
  let batch = max(Parallel.processorCount, min(1024, (64 << 20) / max(1, geometry.chunkByteCount)))
  var begin = 0
  while begin < cells {
    let start = begin
    let count = min(batch, cells - begin)
    let slots = EncodedSlots(count: count)
    try forEachIndex(count: count, jobs: jobs, workspace: { ChunkEncoder() }) { encoder, index in
      let block = try bytes.withUnsafeBytes { tensor in
        try encoder.encode(
          origin: geometry.origin(ofCell: start + index), of: geometry, through: pipeline,
          mask: masks[start + index] ?? 0, atMost: limits[start + index], from: tensor)
      }
      slots.blocks.withLock { $0[index] = block }
    }
    for (index, block) in slots.blocks.withLock({ $0 }).enumerated() {
      let cell = start + index
      try receive(geometry.origin(ofCell: cell), masks[cell] ?? 0, block)
    }
    begin += count
  }
}

private final class EncodedSlots: Sendable {
  let blocks: Mutex<[[UInt8]]>
  init(count: Int) { blocks = Mutex(Array(repeating: [], count: count)) }
}
