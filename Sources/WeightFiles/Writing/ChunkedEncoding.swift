import Synchronization
import WorkbenchCore

/// Encodes all blocks of a tensor in parallel, and hands them over in the order of the grid.
///
/// - Parameters:
///   - bytes: the elements as stored.
///   - jobs: how many threads encode. The blocks do not depend on it.
///   - receive: takes a block's origin and its bytes.
func encodeChunks(
  of bytes: [UInt8], geometry: ChunkGeometry, pipeline: FilterPipeline, jobs: Int? = nil,
  _ receive: ([Int], [UInt8]) throws -> Void
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
          from: tensor)
      }
      slots.blocks.withLock { $0[index] = block }
    }
    for (index, block) in slots.blocks.withLock({ $0 }).enumerated() {
      try receive(geometry.origin(ofCell: start + index), block)
    }
    begin += count
  }
}


private final class EncodedSlots: Sendable {
  let blocks: Mutex<[[UInt8]]>
  init(count: Int) { blocks = Mutex(Array(repeating: [], count: count)) }
}
