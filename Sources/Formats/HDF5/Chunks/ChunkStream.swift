package import Archives
package import Catalogs
import Support
import Tensors

/// The elements of a chunked tensor, decoded window by window: of what is larger than memory allows,
/// as many blocks at once as fit. Where blocks are higher than the window, a block is decoded once for
/// every window that it reaches into.
package final class ChunkStream: ElementStream {
  private typealias Block = (chunk: TensorEntry.Chunk, index: Int, range: Range<Int>)

  private let file: OpenFile
  private let entry: TensorEntry
  let geometry: ChunkGeometry
  private let pipeline: FilterPipeline
  private let decoders = DecoderPool()
  /// The blocks by the first of their bytes in the tensor, with the range that they lie in.
  private let blocks: [Block]
  /// Whether some elements lie in no block.
  private let hasGaps: Bool
  /// How much of the tensor is decoded at once.
  package let windowByteCount: Int
  /// How much is held at most.
  package let heldByteCount: Int
  private let decoderCount: Int
  /// How many blocks one thread inflates at once.
  private let width: Int

  private var window: UnsafeMutableRawBufferPointer
  /// Which bytes of the tensor the window holds.
  private var held = 0..<0
  private var position = 0

  /// Prepares to decode.
  ///
  /// - Parameters:
  ///   - budget: how many bytes may be held.
  ///   - leastWindow: how much is decoded at once at least.
  /// - Throws: `Diagnostic`, without a location: `failed` where not even one block fits, before memory
  ///   for it is taken.
  package init(
    _ file: OpenFile, _ entry: TensorEntry, jobs: Int?, budget: Int, leastWindow: Int = 1 << 20
  ) throws {
    guard case .chunked(let chunkShape, let chunks) = entry.layout else {
      throw Diagnostic(.failed, "it is not stored in blocks")
    }
    self.file = file
    self.entry = entry
    let geometry = try ChunkGeometry(
      shape: entry.shape, chunkShape: chunkShape, elementByteCount: entry.elementType.byteCount)
    self.geometry = geometry
    pipeline = FilterPipeline(entry)
    let single = chunks.reduce(0) { max($0, ChunkDecoder.byteCount(of: $1, geometry)) }
    let least = min(leastWindow, geometry.byteCount)
    guard single <= budget - least else {
      throw MachineMemory.refusal(single + least, allowed: budget)
    }
    let half = budget / 2
    let inPairs = ChunkDecoder.inflatesPairs(chunks, of: geometry, through: pipeline)
    width = inPairs && 2 * single <= half / 2 ? 2 : 1
    let decoding = width * single
    decoderCount = max(1, min(jobs ?? Parallel.processorCount, half / max(1, decoding)))
    let room = min(max(least, budget - decoderCount * decoding), geometry.byteCount)
    windowByteCount = Self.windowByteCount(
      of: geometry, room: room, atOnce: decoderCount * width)
    heldByteCount = windowByteCount + decoderCount * decoding
    blocks = try chunks.enumerated().map { index, chunk in
      do { try chunk.check(geometry, in: file) } catch let error as Diagnostic {
        throw error.inside("chunk \(index)")
      }
      return (chunk, index, geometry.span(at: chunk.origin))
    }.sorted { ($0.range.lowerBound, $0.index) < ($1.range.lowerBound, $1.index) }
    hasGaps = !geometry.isCovered(by: chunks)
    try MachineMemory.check(heldByteCount)
    window = .allocate(byteCount: windowByteCount, alignment: 64)
  }

  deinit { window.deallocate() }

  package func next(into target: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < target.count {
      if position == held.upperBound { try decode(from: position) }
      let count = min(target.count - done, held.upperBound - position)
      guard count > 0 else { throw Diagnostic(.badData, "it has fewer elements than it claims") }
      let start = position - held.lowerBound
      UnsafeMutableRawBufferPointer(rebasing: target[done..<(done + count)]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: window[start..<(start + count)]))
      done += count
      position += count
    }
  }

  /// Decodes the next window and calls `body` with its bytes, as stored, in memory that may be changed.
  /// Not to be mixed with `next(into:)`.
  ///
  /// - Returns: whether there was one.
  /// - Throws: `Diagnostic` of code `badData`, without a location; what `body` throws.
  package func withNextWindow(_ body: (UnsafeMutableRawBufferPointer) throws -> Void) throws -> Bool
  {
    guard position < geometry.byteCount else { return false }
    try decode(from: position)
    position = held.upperBound
    try body(UnsafeMutableRawBufferPointer(rebasing: window[..<held.count]))
    return true
  }

  private func decode(from start: Int) throws {
    let range = start..<min(geometry.byteCount, start + windowByteCount)
    held = range
    let part = UnsafeMutableRawBufferPointer(rebasing: window[..<range.count])
    let last = blocks.partitioningIndex { $0.range.lowerBound >= range.upperBound }
    let within = blocks[..<last].filter { $0.range.upperBound > range.lowerBound }
    if hasGaps { entry.fill(part) }
    let sink = ElementSink(window: part, from: range.lowerBound)
    defer { decoders.giveBack() }
    try forEachIndex(
      count: (within.count + width - 1) / width, jobs: decoderCount,
      workspace: { [decoders] in try decoders.take() }
    ) { [geometry, pipeline, file, width] own, item in
      let some = within[(item * width)..<min(within.count, (item + 1) * width)]
      var done = (false, false)
      if let a = some.first, let b = some.dropFirst().first {
        done = try own.decoder.decodePair(
          a.chunk, b.chunk, of: geometry, through: pipeline, from: file, into: sink)
      }
      for (block, isDone) in zip(some, [done.0, done.1]) where !isDone {
        do {
          try own.decoder.decode(
            block.chunk, of: geometry, through: pipeline, from: file, into: sink)
        } catch let error as Diagnostic {
          throw error.inside("chunk \(block.index)")
        }
      }
    }
  }
}

extension TensorEntry.Chunk {
  /// Checks that a block lies in its tensor and its file.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  package func check(_ geometry: ChunkGeometry, in file: OpenFile) throws {
    guard geometry.contains(origin: origin), offset >= 0, byteCount >= 0,
      offset <= file.byteCount, byteCount <= file.byteCount - offset
    else {
      throw Diagnostic(.badData, "it lies beyond the end of the tensor or the file")
    }
  }
}

extension TensorEntry {
  /// Gives every element in a buffer of whole ones the fill value, as stored.
  package func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    let value = fillValue
    guard !value.isEmpty, value.contains(where: { $0 != 0 }), value.count <= buffer.count else {
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    buffer.copyBytes(from: value)
    var done = value.count
    // What is filled doubles.
    while done < buffer.count {
      let count = min(done, buffer.count - done)
      UnsafeMutableRawBufferPointer(rebasing: buffer[done..<(done + count)])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
      done += count
    }
  }
}

extension Array {
  /// The index of the first element for which a condition holds that holds for all after it.
  fileprivate func partitioningIndex(where isPast: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isPast(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
