import Archives
import CDeflate
import CHDF5
import Support
import Tensors

/// Shuffles and compresses blocks of bytes. One a worker thread: buffers and compressors are reused.
struct BlockPacker: ~Copyable {
  private let option: CompressionOption
  private var shuffled = ByteBuffer()
  private var padded = ByteBuffer()
  private var packed = ByteBuffer()
  private var zstd: ZstandardCompressor?
  private var deflate: OpaquePointer?

  /// Makes a packer.
  init(_ option: CompressionOption) throws {
    self.option = option
    switch option {
    case .none: return
    case .zstd:
      zstd = try ZstandardCompressor()
      return
    case .gzip(let level):
      deflate = libdeflate_alloc_compressor(Int32(level))
      if deflate != nil { return }
    }
    throw Diagnostic(.failed, "no memory for a compressor")
  }

  deinit { libdeflate_free_compressor(deflate) }

  /// What a block becomes.
  enum Framing {
    /// A block of HDF5: a zlib stream, or a zstd frame.
    case block
    /// A part of a file that tools read: a gzip member, or a zstd frame with a checksum.
    case file
  }

  /// Shuffles a block where its elements have several bytes, compresses it, and calls `body` with
  /// the result.
  ///
  /// - Parameters:
  ///   - bytes: the block.
  ///   - byteCount: the size of a whole block; the bytes that are missing are zeros.
  ///   - elementByteCount: the size of an element; 1 leaves the bytes in their order.
  mutating func pack<Result>(
    _ bytes: UnsafeRawBufferPointer, filledTo byteCount: Int, elementByteCount: Int,
    as framing: Framing = .block, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    var input = bytes
    if bytes.count < byteCount {
      let room = padded.room(for: byteCount)
      room.copyMemory(from: bytes)
      UnsafeMutableRawBufferPointer(rebasing: room[bytes.count...])
        .initializeMemory(as: UInt8.self, repeating: 0)
      input = UnsafeRawBufferPointer(room)
    }
    if elementByteCount > 1, let from = input.baseAddress {
      let room = shuffled.room(for: input.count)
      if let to = room.baseAddress {
        chdf5_shuffle(
          from.assumingMemoryBound(to: UInt8.self), to.assumingMemoryBound(to: UInt8.self),
          input.count, elementByteCount)
      }
      input = UnsafeRawBufferPointer(room)
    }
    switch option {
    case .none: return try body(input)
    case .zstd(let level): return try body(try zstdFrame(input, level, framing))
    case .gzip: return try body(deflated(input, framing))
    }
  }

  private mutating func zstdFrame(
    _ input: UnsafeRawBufferPointer, _ level: Int, _ framing: Framing
  ) throws -> UnsafeRawBufferPointer {
    let room = packed.room(for: ZstandardCompressor.bound(input.count))
    let count =
      try zstd?.compress(input, into: room, level: level, hasChecksum: framing == .file) ?? 0
    return UnsafeRawBufferPointer(rebasing: room[..<count])
  }

  private mutating func deflated(
    _ input: UnsafeRawBufferPointer, _ framing: Framing
  ) -> UnsafeRawBufferPointer {
    switch framing {
    case .block:
      let room = packed.room(for: libdeflate_zlib_compress_bound(deflate, input.count))
      let count = libdeflate_zlib_compress(
        deflate, input.baseAddress, input.count, room.baseAddress, room.count)
      return UnsafeRawBufferPointer(rebasing: room[..<count])
    case .file:
      let room = packed.room(for: libdeflate_gzip_compress_bound(deflate, input.count))
      let count = libdeflate_gzip_compress(
        deflate, input.baseAddress, input.count, room.baseAddress, room.count)
      return UnsafeRawBufferPointer(rebasing: room[..<count])
    }
  }
}
