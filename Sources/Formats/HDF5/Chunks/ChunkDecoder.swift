package import Archives
package import Catalogs
import CHDF5
import Support
package import Tensors

/// Reads blocks and undoes their filters. One a worker thread: its buffers are reused, so that
/// nothing is allocated from block to block.
package struct ChunkDecoder: ~Copyable {
  package var codec: Codec
  package var stored = ByteBuffer()
  package var first = ByteBuffer()
  package var second = ByteBuffer()
  /// What a second block needs where two are inflated at once.
  package var otherStored = ByteBuffer()
  package var otherInflated = ByteBuffer()

  /// Makes a decoder.
  package init() throws { codec = try Codec() }

  /// How much memory decoding one block takes beyond its place in the tensor, at most.
  package static func byteCount(of chunk: TensorEntry.Chunk, _ geometry: ChunkGeometry) -> Int {
    chunk.byteCount + 2 * geometry.chunkByteCount
  }

  /// Reads one block, and puts what of it lies in the tensor there.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, when the block is damaged.
  package mutating func decode(
    _ chunk: TensorEntry.Chunk, of geometry: ChunkGeometry, through pipeline: FilterPipeline,
    from file: OpenFile, into sink: ElementSink
  ) throws {
    let target = target(of: chunk, geometry, in: sink)
    let isBare = pipeline.steps.indices.allSatisfy { chunk.filterMask & (1 << UInt32($0)) != 0 }
    if isBare, chunk.byteCount != geometry.chunkByteCount {
      throw Diagnostic(
        .badData, "it stores \(chunk.byteCount) bytes, and should store \(geometry.chunkByteCount)")
    }
    if isBare, let target { return try file.read(into: target, at: chunk.offset) }
    let input = stored.room(for: chunk.byteCount)
    try file.read(into: input, at: chunk.offset)
    let block =
      isBare
      ? UnsafeRawBufferPointer(input)
      : try undo(pipeline, mask: chunk.filterMask, input, geometry.chunkByteCount, into: target)
    try place(block, of: chunk, geometry, in: sink)
  }

  /// The place of a block in the tensor, where it is one run of bytes that stay as they are.
  package func target(
    of chunk: TensorEntry.Chunk, _ geometry: ChunkGeometry,
    in sink: ElementSink
  ) -> UnsafeMutableRawBufferPointer? {
    geometry.run(at: chunk.origin).flatMap { sink.memory(of: $0) }
  }

  /// Copies a decoded block to its place, unless it is there.
  package func place(
    _ block: UnsafeRawBufferPointer, of chunk: TensorEntry.Chunk, _ geometry: ChunkGeometry,
    in sink: ElementSink
  ) throws {
    guard block.count == geometry.chunkByteCount else {
      throw Diagnostic(
        .badData, "it decodes to \(block.count) of \(geometry.chunkByteCount) bytes",
        remedy: "the file is damaged: copy it again")
    }
    if let target = target(of: chunk, geometry, in: sink) {
      if target.baseAddress.map({ UnsafeRawPointer($0) }) != block.baseAddress {
        target.copyMemory(from: block)
      }
      return
    }
    // The block lies in a buffer of this decoder, or is the target itself.
    let block = UnsafeMutableRawBufferPointer(mutating: block)
    geometry.forEachRun(at: chunk.origin) { to, from, length in
      sink.put(UnsafeMutableRawBufferPointer(rebasing: block[from..<(from + length)]), at: to)
    }
  }

  /// Undoes the filters, last written first. The last result goes straight to `target` where there
  /// is one and it fits.
  private mutating func undo(
    _ pipeline: FilterPipeline, mask: UInt32, _ input: UnsafeMutableRawBufferPointer,
    _ byteCount: Int, into target: UnsafeMutableRawBufferPointer?
  ) throws -> UnsafeRawBufferPointer {
    let sizes = pipeline.sizes(mask: mask, of: byteCount)
    let active = pipeline.steps.indices.filter { mask & (1 << UInt32($0)) == 0 }
    var block = UnsafeRawBufferPointer(input)
    var usesFirst = true
    for index in active.reversed() {
      let step = pipeline.steps[index]
      if case .fletcher32 = step {
        block = try verified(block)
        continue
      }
      guard let size = sizes[index] else {
        throw Diagnostic(.badData, "its filters compress twice, which is not read here")
      }
      let output: UnsafeMutableRawBufferPointer
      if index == active[0], let target, size == target.count {
        output = target
      } else if usesFirst {
        output = first.room(for: size)
      } else {
        output = second.room(for: size)
      }
      try undo(step, block, to: output)
      usesFirst.toggle()
      block = UnsafeRawBufferPointer(output)
    }
    return block
  }

  private mutating func undo(
    _ step: FilterPipeline.Step, _ block: UnsafeRawBufferPointer,
    to output: UnsafeMutableRawBufferPointer
  ) throws {
    switch step {
    case .deflate: try codec.inflate(block, to: output)
    case .zstd: try codec.decompressZstd(block, to: output)
    case .lzf: try codec.decompressLZF(block, to: output)
    case .lz4: try codec.decompressLZ4(block, to: output)
    case .blosc: try codec.decompressBlosc(block, to: output)
    case .bitshuffle(let elementByteCount, let blockElementCount, let packing):
      try codec.undoBitshuffle(
        block, to: output, elementByteCount: elementByteCount,
        blockElementCount: blockElementCount, packing: packing)
    case .shuffle(let elementByteCount):
      guard block.count == output.count else {
        throw Diagnostic(.badData, "it decodes to \(block.count) of \(output.count) bytes")
      }
      unshuffle(block, to: output, elementByteCount: elementByteCount)
    case .fletcher32, .foreign: throw Diagnostic(.failed, "a filter that is not undone here")
    }
  }

  /// Undoes filter 2 of a block of the same size.
  package func unshuffle(
    _ block: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer,
    elementByteCount: Int
  ) {
    guard let from = block.baseAddress, let to = output.baseAddress else { return }
    chdf5_unshuffle(
      from.assumingMemoryBound(to: UInt8.self), to.assumingMemoryBound(to: UInt8.self),
      output.count, elementByteCount)
  }

  private func verified(_ block: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
    guard block.count >= 4 else { throw Diagnostic(.badData, "it is shorter than its checksum") }
    let body = UnsafeRawBufferPointer(rebasing: block.dropLast(4))
    let kept = UInt32(
      littleEndian: block.loadUnaligned(fromByteOffset: body.count, as: UInt32.self))
    let bytes = body.assumingMemoryBound(to: UInt8.self)
    let found = chdf5_fletcher32(bytes.baseAddress, bytes.count)
    // Writers on big-endian machines once swapped the bytes of each half; libhdf5 accepts that, too.
    let swapped = (found & 0x00FF_00FF) << 8 | (found & 0xFF00_FF00) >> 8
    guard kept == found || kept == swapped else {
      throw Diagnostic(
        .badData, "its checksum does not fit its data", remedy: "the file is damaged: copy it again"
      )
    }
    return body
  }
}
