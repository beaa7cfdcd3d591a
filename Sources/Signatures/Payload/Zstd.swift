import CZstd
import WorkbenchCore

/// Frames of Zstandard, whole in and whole out.
enum Zstd {
  /// Compresses bytes; equal bytes make equal frames.
  static func compress(_ bytes: UnsafeRawBufferPointer, level: Int) throws -> [UInt8] {
    let bound = ZSTD_compressBound(bytes.count)
    var count = 0
    let frame = [UInt8](unsafeUninitializedCapacity: bound) { buffer, initialized in
      count = ZSTD_compress(
        buffer.baseAddress, bound, bytes.baseAddress, bytes.count, Int32(clamping: level))
      initialized = ZSTD_isError(count) == 0 ? count : 0
    }
    guard ZSTD_isError(count) == 0 else { throw Diagnostic(.failed, "zstd fails on a block") }
    return frame
  }

  /// Decompresses a frame into exactly as many bytes as the buffer holds.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  static func decompress(
    _ frame: UnsafeRawBufferPointer, to buffer: UnsafeMutableRawBufferPointer
  ) throws {
    let count = ZSTD_decompress(
      buffer.baseAddress, buffer.count, frame.baseAddress, frame.count)
    guard ZSTD_isError(count) == 0, count == buffer.count else {
      throw Diagnostic(
        .badData, "a block of it does not decompress",
        remedy: "the file is damaged: take another copy")
    }
  }
}

/// Compresses many blocks, with one working memory for all.
struct ZstdCompressor: ~Copyable {
  private let context: OpaquePointer?
  private let level: Int32

  init(level: Int32) {
    context = ZSTD_createCCtx()
    self.level = level
  }

  deinit { ZSTD_freeCCtx(context) }

  /// Compresses bytes; equal bytes make equal frames.
  func compress(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
    let bound = ZSTD_compressBound(bytes.count)
    var count = 0
    let frame = [UInt8](unsafeUninitializedCapacity: bound) { buffer, initialized in
      count = ZSTD_compressCCtx(
        context, buffer.baseAddress, bound, bytes.baseAddress, bytes.count, level)
      initialized = ZSTD_isError(count) == 0 ? count : 0
    }
    guard ZSTD_isError(count) == 0 else { throw Diagnostic(.failed, "zstd fails on a block") }
    return frame
  }
}
