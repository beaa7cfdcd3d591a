import Archives
import CDeflate
import CHDF5
import Support
import Tensors

/// Cuts blocks out of a tensor's bytes and applies filters to them. One a worker thread.
package struct ChunkEncoder: ~Copyable {
  private var compressors: [Int: OpaquePointer] = [:]
  private var first = ByteBuffer()
  private var second = ByteBuffer()
  private var planes = ByteBuffer()

  /// Makes an encoder.
  package init() {}

  deinit { for compressor in compressors.values { libdeflate_free_compressor(compressor) } }

  /// One block, filtered.
  ///
  /// - Parameters:
  ///   - origin: the index of its first element.
  ///   - geometry: the tensor's blocks.
  ///   - pipeline: the filters.
  ///   - mask: bit i set: filter i is left out. It covers all foreign ones.
  ///   - limit: how large it may be, where it is worth more work to make it so.
  ///   - tensor: the tensor's bytes as stored. Elements outside of it are zeros.
  package mutating func encode(
    origin: [Int], of geometry: ChunkGeometry, through pipeline: FilterPipeline,
    mask: UInt32 = 0, atMost limit: Int? = nil, from tensor: UnsafeRawBufferPointer
  ) throws -> [UInt8] {
    let block = first.room(for: geometry.chunkByteCount + 4 * pipeline.steps.count)
    var count = geometry.chunkByteCount
    if let run = geometry.run(at: origin) {
      block.copyMemory(from: UnsafeRawBufferPointer(rebasing: tensor[run]))
    } else {
      block.initializeMemory(as: UInt8.self, repeating: 0)
      geometry.forEachRun(at: origin) { from, to, length in
        UnsafeMutableRawBufferPointer(rebasing: block[to..<(to + length)])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: tensor[from..<(from + length)]))
      }
    }
    var current = block
    var other = second.room(for: block.count)
    let active = pipeline.steps.indices.filter { mask & (1 << UInt32($0)) == 0 }
    for index in active {
      guard let from = current.baseAddress?.assumingMemoryBound(to: UInt8.self),
        let to = other.baseAddress?.assumingMemoryBound(to: UInt8.self)
      else { break }
      switch pipeline.steps[index] {
      case .shuffle(let elementByteCount):
        chdf5_shuffle(from, to, count, elementByteCount)
        swap(&current, &other)
      case .fletcher32:
        let sum = chdf5_fletcher32(from, count)
        current.storeBytes(of: sum.littleEndian, toByteOffset: count, as: UInt32.self)
        count += 4
      case .bitshuffle(let elementByteCount, let blockElementCount, .none):
        bitshuffle(
          UnsafeRawBufferPointer(rebasing: current[..<count]), to: other, elementByteCount,
          blockElementCount)
        swap(&current, &other)
      case let step where step.compresses:
        let bytes = UnsafeRawBufferPointer(rebasing: current[..<count])
        var compressed = try compress(bytes, step)
        if index == active.last {
          for harder in step.harder where compressed.count > limit ?? .max {
            let other = try compress(bytes, harder)
            if other.count < compressed.count { compressed = other }
          }
          return compressed
        }
        count = compressed.count
        if current.count < count + 4 * pipeline.steps.count {
          // Bytes that do not compress grow a little; the other buffer is not needed any more.
          current = first.room(for: count + 4 * pipeline.steps.count)
          other = second.room(for: current.count)
        }
        current.copyBytes(from: compressed)
      default: break
      }
    }
    return Array(current[..<count])
  }

  private mutating func compress(
    _ bytes: UnsafeRawBufferPointer, _ step: FilterPipeline.Step
  ) throws -> [UInt8] {
    switch step {
    case .deflate(let level): return try deflate(bytes, level)
    case .zstd(let level): return try Zstandard.compress(bytes, level: level)
    case .lzf: return BlockCompression.lzf(bytes)
    case .lz4(let blockByteCount):
      return try BlockCompression.lz4(bytes, blockByteCount: blockByteCount)
    case .blosc(let parameters): return try BlockCompression.blosc(bytes, parameters)
    case .bitshuffle(let elementByteCount, let blockElementCount, let packing):
      var rows = ByteBuffer()
      let room = rows.room(for: bytes.count)
      bitshuffle(bytes, to: room, elementByteCount, blockElementCount)
      return try BlockCompression.packed(
        UnsafeRawBufferPointer(room), blockByteCount: blockElementCount * elementByteCount,
        multiple: 8 * elementByteCount, packing)
    case .foreign(let name):
      throw Diagnostic(.failed, "the filter \(name) cannot be applied here")
    case .shuffle, .fletcher32: return Array(bytes)
    }
  }

  /// Moves the bits, a block of elements at a time; the last elements, fewer than 8, stay.
  private mutating func bitshuffle(
    _ bytes: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer,
    _ elementByteCount: Int, _ blockElementCount: Int
  ) {
    output.copyMemory(from: bytes)
    guard let from = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      let to = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return }
    let elements = bytes.count / elementByteCount
    let scratch = planes.room(for: min(blockElementCount, elements) * elementByteCount)
    var done = 0
    while elements - done >= 8 {
      let count = min(blockElementCount, (elements - done) / 8 * 8)
      let offset = done * elementByteCount
      chdf5_bitshuffle(
        from + offset, to + offset, scratch.baseAddress?.assumingMemoryBound(to: UInt8.self), count,
        elementByteCount)
      done += count
    }
  }

  private mutating func deflate(_ bytes: UnsafeRawBufferPointer, _ level: Int) throws -> [UInt8] {
    let level = min(max(level, 0), 12)
    if compressors[level] == nil { compressors[level] = libdeflate_alloc_compressor(Int32(level)) }
    guard let compressor = compressors[level] else {
      throw Diagnostic(.failed, "no memory for a compressor")
    }
    let bound = libdeflate_zlib_compress_bound(compressor, bytes.count)
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, initialized in
      initialized = libdeflate_zlib_compress(
        compressor, bytes.baseAddress, bytes.count, buffer.baseAddress, bound)
    }
  }
}
