import CZstd
import Support
import Tensors

/// A context of libzstd that compresses one run of bytes after the other; one owner.
package struct ZstandardCompressor: ~Copyable {
  private let context: OpaquePointer

  /// Makes a context.
  ///
  /// - Throws: `Diagnostic` of code `failed` where there is no memory.
  package init() throws {
    guard let context = ZSTD_createCCtx() else {
      throw Diagnostic(.failed, "no memory for a compressor")
    }
    self.context = context
  }

  deinit { ZSTD_freeCCtx(context) }

  /// The most bytes that so many become.
  package static func bound(_ byteCount: Int) -> Int { ZSTD_compressBound(byteCount) }

  /// Compresses bytes into one frame, which tells its size.
  ///
  /// - Parameters:
  ///   - room: at least `bound` bytes.
  ///   - level: brought into 1...22.
  ///   - hasChecksum: whether the frame ends in a checksum of its contents.
  ///   - prefix: bytes in which matches are sought.
  /// - Returns: how many bytes of the room the frame takes.
  package mutating func compress(
    _ bytes: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer, level: Int,
    hasChecksum: Bool = false,
    after prefix: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) throws -> Int {
    let level = min(max(level, Zstandard.levels.lowerBound), Zstandard.levels.upperBound)
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, hasChecksum ? 1 : 0)
    if !prefix.isEmpty {
      ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1)
      ZSTD_CCtx_refPrefix(context, prefix.baseAddress, prefix.count)
    }
    let count = ZSTD_compress2(
      context, room.baseAddress, room.count, bytes.baseAddress, bytes.count)
    if !prefix.isEmpty { ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters) }
    guard ZSTD_isError(count) == 0 else { throw Diagnostic(.failed, "zstd fails on a block") }
    return count
  }

  /// Compresses bytes into one frame, the same.
  package mutating func compress(
    _ bytes: UnsafeRawBufferPointer, level: Int,
    after prefix: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) throws -> [UInt8] {
    var room = ByteBuffer()
    let space = room.room(for: ZstandardCompressor.bound(bytes.count))
    let count = try compress(bytes, into: space, level: level, after: prefix)
    return Array(space[..<count])
  }
}
