import CDeflate
import CHDF5
import WorkbenchCore

/// Cuts blocks out of a tensor's bytes and applies filters to them. One a worker thread.
struct ChunkEncoder: ~Copyable {
  private var compressors: [Int: OpaquePointer] = [:]
  private var first = ByteBuffer()
  private var second = ByteBuffer()

  /// Makes an encoder.
  init() {}

  deinit { for compressor in compressors.values { libdeflate_free_compressor(compressor) } }

  /// One block, filtered.
  ///
  /// - Parameters:
  ///   - origin: the index of its first element.
  ///   - geometry: the tensor's blocks.
  ///   - pipeline: the filters.
  ///   - mask: bit i set: filter i is left out. It covers all foreign ones.
  ///   - tensor: the tensor's bytes as stored. Elements outside of it are zeros.
  mutating func encode(
    origin: [Int], of geometry: ChunkGeometry, through pipeline: FilterPipeline,
    mask: UInt32 = 0, from tensor: UnsafeRawBufferPointer
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
      case .deflate(let level):
        let compressed = try deflate(UnsafeRawBufferPointer(rebasing: current[..<count]), level)
        if index == active.last { return compressed }
        count = compressed.count
        if current.count < count + 4 * pipeline.steps.count {
          // Bytes that do not compress grow a little; the other buffer is not needed any more.
          current = first.room(for: count + 4 * pipeline.steps.count)
          other = second.room(for: current.count)
        }
        current.copyBytes(from: compressed)
      case .foreign(let name):
        throw Diagnostic(.failed, "the filter \(name) cannot be applied here")
      }
    }
    return Array(current[..<count])
  }

  private mutating func deflate(_ bytes: UnsafeRawBufferPointer, _ level: Int) throws -> [UInt8] {
    let level = min(max(level, 0), 9)
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
