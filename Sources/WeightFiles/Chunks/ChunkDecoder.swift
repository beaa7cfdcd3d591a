import CDeflate
import CHDF5
import WorkbenchCore

/// Reads blocks and undoes their filters. One a worker thread: its buffers are reused, so that
/// nothing is allocated from block to block.
struct ChunkDecoder: ~Copyable {
  private let inflater: OpaquePointer
  private var stored = ByteBuffer()
  private var first = ByteBuffer()
  private var second = ByteBuffer()

  /// Makes a decoder.
  init() throws {
    guard let inflater = libdeflate_alloc_decompressor() else {
      throw Diagnostic(.failed, "no memory for a decompressor")
    }
    self.inflater = inflater
  }

  deinit { libdeflate_free_decompressor(inflater) }

  /// Reads one block, and puts what of it lies in the tensor into the tensor's bytes.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, when the block is damaged.
  mutating func decode(
    _ chunk: TensorEntry.Chunk, of geometry: ChunkGeometry, through pipeline: FilterPipeline,
    from file: OpenFile, into tensor: UnsafeMutableRawBufferPointer
  ) throws {
    let run = geometry.run(at: chunk.origin)
    let target = run.map { UnsafeMutableRawBufferPointer(rebasing: tensor[$0]) }
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
    guard block.count == geometry.chunkByteCount else {
      throw Diagnostic(
        .badData, "it decodes to \(block.count) of \(geometry.chunkByteCount) bytes",
        remedy: "the file is damaged: copy it again")
    }
    if let target {
      if target.baseAddress.map({ UnsafeRawPointer($0) }) != block.baseAddress {
        target.copyMemory(from: block)
      }
      return
    }
    geometry.forEachRun(at: chunk.origin) { to, from, length in
      UnsafeMutableRawBufferPointer(rebasing: tensor[to..<(to + length)])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: block[from..<(from + length)]))
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
      switch step {
      case .deflate: try inflate(block, to: output)
      case .shuffle(let elementByteCount):
        guard block.count == size else {
          throw Diagnostic(.badData, "it decodes to \(block.count) of \(size) bytes")
        }
        if let from = block.baseAddress, let to = output.baseAddress {
          chdf5_unshuffle(
            from.assumingMemoryBound(to: UInt8.self), to.assumingMemoryBound(to: UInt8.self), size,
            elementByteCount)
        }
      case .fletcher32, .foreign: throw Diagnostic(.failed, "a filter that is not undone here")
      }
      usesFirst.toggle()
      block = UnsafeRawBufferPointer(output)
    }
    return block
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

  private func inflate(
    _ block: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
  ) throws {
    var count = 0
    let result = libdeflate_zlib_decompress(
      inflater, block.baseAddress, block.count, output.baseAddress, output.count, &count)
    switch result {
    case LIBDEFLATE_SUCCESS where count == output.count: return
    case LIBDEFLATE_SUCCESS:
      throw Diagnostic(
        .badData, "it decompresses to \(count) of \(output.count) bytes",
        remedy: "the file is damaged: copy it again")
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      throw Diagnostic(
        .badData, "it decompresses to more than its \(output.count) bytes",
        remedy: "the file is damaged: copy it again")
    default:
      throw Diagnostic(
        .badData, "its compressed data are damaged", remedy: "copy the file again")
    }
  }
}
