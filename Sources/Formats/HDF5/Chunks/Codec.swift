import Archives
import CBlosc
import CDeflate
import CHDF5
import Support
import Tensors

/// The decoders of one thread. What they read is not trusted: each fills exactly the output, or
/// throws a `Diagnostic` of code `badData` without a location.
package struct Codec: ~Copyable {
  private let inflater: OpaquePointer
  private var zstd: ZstandardDecompressor?
  var scratch = ByteBuffer()
  private var pair = ByteBuffer()

  /// Makes the decoders.
  init() throws {
    guard let inflater = libdeflate_alloc_decompressor() else {
      throw Diagnostic(.failed, "no memory for a decompressor")
    }
    self.inflater = inflater
  }

  deinit { libdeflate_free_decompressor(inflater) }

  /// Undoes filter 1.
  mutating func inflate(
    _ block: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
  ) throws {
    var count = 0
    let result = libdeflate_zlib_decompress(
      inflater, block.baseAddress, block.count, output.baseAddress, output.count, &count)
    switch result {
    case LIBDEFLATE_SUCCESS where count == output.count: return
    case LIBDEFLATE_SUCCESS: throw DecompressionError.wrongSize(count, output.count)
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      throw Diagnostic(
        .badData, "it decompresses to more than its \(output.count) bytes",
        remedy: "the file is damaged: copy it again")
    default: throw DecompressionError.damaged
    }
  }

  /// How many readable bytes `inflatePair` needs behind each of its inputs.
  static let inflatePadding = 16

  /// Undoes filter 1 of two blocks at once. Says which blocks are done; the others are for
  /// `inflate`, which also finds the words where they are damaged.
  mutating func inflatePair(
    _ first: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer),
    _ second: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer)
  ) -> (Bool, Bool) {
    let workspace = pair.room(for: chdf5_inflate_workspace()).baseAddress
    func block(
      _ it: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer)
    ) -> chdf5_zlib_block {
      chdf5_zlib_block(
        in: it.0.baseAddress?.assumingMemoryBound(to: UInt8.self), in_count: it.0.count,
        out: it.1.baseAddress?.assumingMemoryBound(to: UInt8.self), out_count: it.1.count,
        workspace: workspace, checksum: 0, is_done: false)
    }
    var blocks = [block(first), block(second)]
    chdf5_inflate_pair(&blocks)
    func holds(_ block: chdf5_zlib_block) -> Bool {
      block.is_done && libdeflate_adler32(1, block.out, block.out_count) == block.checksum
    }
    return (holds(blocks[0]), holds(blocks[1]))
  }

  /// Undoes filter 32015, or one packed block of a bitshuffle.
  mutating func decompressZstd(
    _ block: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
  ) throws {
    if zstd == nil { zstd = try ZstandardDecompressor() }
    try zstd?.decompress(block, to: output)
  }

  /// Undoes filter 32000.
  func decompressLZF(
    _ block: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
  ) throws {
    let count = chdf5_lzf_decompress(
      block.baseAddress?.assumingMemoryBound(to: UInt8.self), block.count,
      output.baseAddress?.assumingMemoryBound(to: UInt8.self), output.count)
    guard count == output.count else { throw DecompressionError.damaged }
  }

  /// Undoes filter 32001.
  func decompressBlosc(
    _ block: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
  ) throws {
    var count = 0
    guard block.count >= Int(BLOSC_MIN_HEADER_LENGTH), block.count <= Int(Int32.max),
      output.count <= Int(Int32.max),
      blosc_cbuffer_validate(block.baseAddress, block.count, &count) == 0
    else { throw DecompressionError.damaged }
    guard count == output.count else { throw DecompressionError.wrongSize(count, output.count) }
    let result = blosc_decompress_ctx(block.baseAddress, output.baseAddress, output.count, 1)
    guard result == output.count else { throw DecompressionError.damaged }
  }
}
