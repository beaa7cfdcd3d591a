import Archives
import CBlosc
import CHDF5
import CLZ4
import Support

/// The compressions of HDF5's registered filters, in the forms that `Codec` undoes.
enum BlockCompression {
  private static func failed(_ name: String) -> Diagnostic {
    Diagnostic(.failed, "a block could not be compressed with \(name)")
  }

  /// Filter 32000. What does not get smaller is one run of literals after the other, which is a
  /// little longer than the bytes; the mask of the block stays as it was.
  static func lzf(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let bound = bytes.count + bytes.count / 32 + 8
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, initialized in
      initialized = chdf5_lzf_compress(
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, buffer.baseAddress,
        bound)
    }
  }

  /// Filter 32004.
  static func lz4(_ bytes: UnsafeRawBufferPointer, blockByteCount: Int) throws -> [UInt8] {
    // The filter's own choice is 1 GiB, which is then the whole.
    let size = min(blockByteCount == 0 ? 1 << 30 : blockByteCount, max(1, bytes.count))
    var result: [UInt8] = []
    append(UInt64(bytes.count), to: &result)
    append(UInt32(size), to: &result)
    var done = 0
    while done < bytes.count {
      let range = done..<min(bytes.count, done + size)
      let block = UnsafeRawBufferPointer(rebasing: bytes[range])
      let packed = try lz4Block(block)
      append(UInt32(min(packed.count, block.count)), to: &result)
      // As long as the block means that it is not compressed.
      if packed.count < block.count {
        result += packed
      } else {
        result += block
      }
      done = range.upperBound
    }
    return result
  }

  /// Filter 32001, with the parameters of the filter: type size, level, shuffle, codec.
  static func blosc(_ bytes: UnsafeRawBufferPointer, _ parameters: [UInt32]) throws -> [UInt8] {
    func parameter(_ index: Int, _ value: Int) -> Int {
      index < parameters.count ? Int(parameters[index]) : value
    }
    let names = ["blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"]
    let code = parameter(6, 0)
    guard names.indices.contains(code), bytes.count <= Int(Int32.max) - Int(BLOSC_MAX_OVERHEAD)
    else {
      throw failed("blosc")
    }
    let bound = bytes.count + Int(BLOSC_MAX_OVERHEAD)
    let block = [UInt8](unsafeUninitializedCapacity: bound) { buffer, initialized in
      let count = blosc_compress_ctx(
        Int32(min(9, parameter(4, 5))), Int32(min(2, parameter(5, 1))), max(1, parameter(2, 1)),
        bytes.count, bytes.baseAddress, buffer.baseAddress, bound, names[code], 0, 1)
      initialized = max(0, Int(count))
    }
    guard !block.isEmpty else { throw failed("blosc") }
    return block
  }

  /// The blocks of a filter 32008 whose bits are moved already.
  ///
  /// - Parameters:
  ///   - blockByteCount: the size of a block.
  ///   - multiple: the size of 8 elements; what is left over is not packed.
  static func packed(
    _ rows: UnsafeRawBufferPointer, blockByteCount: Int, multiple: Int,
    _ packing: FilterPipeline.Packing
  ) throws -> [UInt8] {
    var result: [UInt8] = []
    append(UInt64(rows.count), to: &result)
    append(UInt32(blockByteCount), to: &result)
    var done = 0
    while rows.count - done >= multiple {
      let count = min(blockByteCount, (rows.count - done) / multiple * multiple)
      let block = UnsafeRawBufferPointer(rebasing: rows[done..<(done + count)])
      let packed =
        if case .zstd(let level) = packing {
          try Zstandard.compress(block, level: level)
        } else {
          try lz4Block(block)
        }
      append(UInt32(packed.count), to: &result)
      result += packed
      done += count
    }
    return result + rows[done...]
  }

  private static func lz4Block(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
    guard let count = Int32(exactly: bytes.count) else { throw failed("LZ4") }
    let bound = LZ4_compressBound(count)
    let block = [UInt8](unsafeUninitializedCapacity: Int(bound)) { buffer, initialized in
      initialized = Int(
        LZ4_compress_default(bytes.baseAddress, buffer.baseAddress, count, bound))
    }
    guard !block.isEmpty else { throw failed("LZ4") }
    return block
  }

  private static func append<Number: FixedWidthInteger>(_ value: Number, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }
}
