package import Archives
package import Catalogs
import Support
import Tensors

extension ChunkDecoder {
  /// Whether two blocks are better inflated at once: they are deflated, shuffled before or not, and
  /// hardly get smaller, as weights do. (Blocks that do are long matches, which need no second
  /// stream beside them.)
  package static func inflatesPairs(
    _ chunks: some Collection<TensorEntry.Chunk>, of geometry: ChunkGeometry,
    through pipeline: FilterPipeline
  ) -> Bool {
    guard case .deflate = pipeline.steps.last else { return false }
    switch pipeline.steps.count {
    case 1: break
    case 2: guard case .shuffle = pipeline.steps[0] else { return false }
    default: return false
    }
    // Blocks at the edge are padded, and small.
    let stored = chunks.reduce(0) { $0 + min($1.byteCount, geometry.chunkByteCount) }
    return chunks.allSatisfy { $0.filterMask == 0 }
      && stored / max(1, chunks.count) >= geometry.chunkByteCount / 4 * 3
  }

  /// Reads two blocks for which `inflatesPairs` holds.
  ///
  /// - Returns: which of them are done; the others are for `decode`.
  /// - Throws: as `decode` does, without a location.
  package mutating func decodePair(
    _ a: TensorEntry.Chunk, _ b: TensorEntry.Chunk, of geometry: ChunkGeometry,
    through pipeline: FilterPipeline, from file: OpenFile, into sink: ElementSink
  ) throws -> (Bool, Bool) {
    let size = geometry.chunkByteCount
    let inputA = try padded(a, from: file, in: stored.room(for: a.byteCount + Codec.inflatePadding))
    let inputB = try padded(
      b, from: file, in: otherStored.room(for: b.byteCount + Codec.inflatePadding))
    let targetA = target(of: a, geometry, in: sink)
    let targetB = target(of: b, geometry, in: sink)
    guard case .shuffle(let elementByteCount) = pipeline.steps.first else {
      let outputA = targetA ?? first.room(for: size)
      let outputB = targetB ?? otherInflated.room(for: size)
      let done = codec.inflatePair((inputA, outputA), (inputB, outputB))
      if done.0 { try place(UnsafeRawBufferPointer(outputA), of: a, geometry, in: sink) }
      if done.1 { try place(UnsafeRawBufferPointer(outputB), of: b, geometry, in: sink) }
      return done
    }
    let planesA = first.room(for: size)
    let planesB = otherInflated.room(for: size)
    let done = codec.inflatePair((inputA, planesA), (inputB, planesB))
    for (isDone, chunk, planes, target) in [
      (done.0, a, planesA, targetA), (done.1, b, planesB, targetB),
    ] where isDone {
      let output = target ?? second.room(for: size)
      unshuffle(UnsafeRawBufferPointer(planes), to: output, elementByteCount: elementByteCount)
      try place(UnsafeRawBufferPointer(output), of: chunk, geometry, in: sink)
    }
    return done
  }

  /// Reads a stored block, with bytes behind it that can be read.
  private func padded(
    _ chunk: TensorEntry.Chunk, from file: OpenFile, in room: UnsafeMutableRawBufferPointer
  ) throws -> UnsafeRawBufferPointer {
    let input = UnsafeMutableRawBufferPointer(rebasing: room[..<chunk.byteCount])
    try file.read(into: input, at: chunk.offset)
    UnsafeMutableRawBufferPointer(rebasing: room[chunk.byteCount...])
      .initializeMemory(as: UInt8.self, repeating: 0)
    return UnsafeRawBufferPointer(input)
  }
}
