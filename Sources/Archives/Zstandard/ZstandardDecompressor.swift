import CZstd
import Support

/// A context of libzstd that decompresses one frame after the other; one owner. What it reads is not
/// trusted.
package struct ZstandardDecompressor: ~Copyable {
  private let context: OpaquePointer

  /// Makes a context.
  ///
  /// - Throws: `Diagnostic` of code `failed` where there is no memory.
  package init() throws {
    guard let context = ZSTD_createDCtx() else {
      throw Diagnostic(.failed, "no memory for a decompressor")
    }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  /// Bounds the memory that a stream takes: frames say how far back they refer.
  package mutating func limitWindow(to byteCount: Int) {
    let log = Int.bitWidth - 1 - max(1, byteCount).leadingZeroBitCount
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(min(max(log, 10), 27)))
  }

  /// Decompresses frames into exactly as many bytes as the buffer holds.
  ///
  /// - Parameter prefix: what the frame was compressed after.
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  package mutating func decompress(
    _ frame: UnsafeRawBufferPointer, to buffer: UnsafeMutableRawBufferPointer,
    after prefix: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) throws {
    if !prefix.isEmpty { ZSTD_DCtx_refPrefix(context, prefix.baseAddress, prefix.count) }
    let count = ZSTD_decompressDCtx(
      context, buffer.baseAddress, buffer.count, frame.baseAddress, frame.count)
    guard ZSTD_isError(count) == 0 else { throw DecompressionError.damaged }
    guard count == buffer.count else { throw DecompressionError.wrongSize(count, buffer.count) }
  }

  /// The size that a frame tells; nil where it tells none.
  package static func toldSize(of frame: UnsafeRawBufferPointer) -> Int? {
    let told = ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
    // The two largest values stand for no frame, and for a size that is not told.
    return told < .max - 1 ? Int(exactly: told) : nil
  }

  /// Refuses a frame that cannot hold so many bytes: no block of three bytes makes more than
  /// 128 KiB of them, and most frames tell their size.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  package static func checkSize(of frame: UnsafeRawBufferPointer, _ byteCount: Int) throws {
    if frame.isEmpty, byteCount == 0 { return }
    let told = ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
    // Two values above all sizes: no frame, and a size that is not told.
    guard told != .max - 1, told == .max || told == UInt64(byteCount),
      byteCount >> 17 <= frame.count / 3
    else { throw DecompressionError.damaged }
  }

  /// What one step of a stream came to.
  package struct Step {
    /// How much of the input was taken.
    package var consumed: Int
    /// How much of the output was written.
    package var produced: Int
    /// Whether a frame ends here.
    package var isAtEnd: Bool
  }

  /// Decompresses as much of a stream as the output takes.
  ///
  /// - Throws: `Diagnostic` of code `badData` with libzstd's reason.
  package mutating func next(
    _ input: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
  ) throws -> Step {
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let status = ZSTD_decompressStream(context, &target, &source)
    guard ZSTD_isError(status) == 0 else {
      if ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge {
        throw Diagnostic(
          .failed, "needs more memory to decompress than is allowed",
          remedy: "allow more, or decompress it first")
      }
      throw CompressedFile.damaged("zstd", String(cString: ZSTD_getErrorName(status)))
    }
    return Step(consumed: source.pos, produced: target.pos, isAtEnd: status == 0)
  }
}
