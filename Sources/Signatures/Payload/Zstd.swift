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
      throw damaged
    }
  }
}

extension Zstd {
  /// Compresses bytes that have much in common with a dictionary.
  static func compress(_ bytes: [UInt8], dictionary: [UInt8]) throws -> [UInt8] {
    let context = ZSTD_createCCtx()
    defer { ZSTD_freeCCtx(context) }
    var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = ZSTD_compress_usingDict(
      context, &frame, frame.count, bytes, bytes.count, dictionary, dictionary.count, 19)
    guard ZSTD_isError(count) == 0 else { throw Diagnostic(.failed, "zstd fails on a block") }
    return Array(frame[..<count])
  }

  /// Decompresses a frame that was made with a dictionary.
  ///
  /// - Parameter bound: the most bytes that it may hold.
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  static func decompress(
    _ frame: ArraySlice<UInt8>, dictionary: [UInt8], atMost bound: Int
  ) throws -> [UInt8] {
    let context = ZSTD_createDCtx()
    defer { ZSTD_freeDCtx(context) }
    return try frame.withUnsafeBytes { frame in
      let size = ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
      guard size <= UInt64(bound) else { throw damaged }
      var bytes = [UInt8](repeating: 0, count: Int(size))
      let count = ZSTD_decompress_usingDict(
        context, &bytes, bytes.count, frame.baseAddress, frame.count, dictionary,
        dictionary.count)
      guard ZSTD_isError(count) == 0, count == bytes.count else { throw damaged }
      return bytes
    }
  }

  private static var damaged: Diagnostic {
    Diagnostic(
      .badData, "a block of it does not decompress",
      remedy: "the file is damaged: take another copy")
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
