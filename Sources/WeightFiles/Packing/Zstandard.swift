import CZstd
import WorkbenchCore

/// Whole runs of bytes with Zstandard, also after bytes that they are like.
public enum Zstandard {
  /// Compresses bytes.
  ///
  /// - Parameter prefix: bytes that are there when they are decompressed, too; matches are sought in
  ///   them.
  public static func compress(
    _ bytes: [UInt8], after prefix: [UInt8] = [], level: Int
  ) throws -> [UInt8] {
    guard let context = ZSTD_createCCtx() else { throw failure }
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(clamping: level))
    ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, prefix.isEmpty ? 0 : 1)
    let bound = ZSTD_compressBound(bytes.count)
    var result = 0
    let packed = prefix.withUnsafeBytes { prefix in
      [UInt8](unsafeUninitializedCapacity: bound) { target, count in
        bytes.withUnsafeBytes { bytes in
          if !prefix.isEmpty { ZSTD_CCtx_refPrefix(context, prefix.baseAddress, prefix.count) }
          result = ZSTD_compress2(
            context, target.baseAddress, bound, bytes.baseAddress, bytes.count)
        }
        count = ZSTD_isError(result) == 0 ? result : 0
      }
    }
    guard ZSTD_isError(result) == 0 else { throw failure }
    return packed
  }

  /// Decompresses bytes.
  ///
  /// - Parameter byteCount: how many they have to be. No more are allocated, whatever they say.
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  public static func decompress(
    _ packed: [UInt8], after prefix: [UInt8] = [], byteCount: Int
  ) throws -> [UInt8] {
    guard byteCount >= 0 else { throw damaged }
    guard let context = ZSTD_createDCtx() else { throw failure }
    defer { ZSTD_freeDCtx(context) }
    // A frame may look back over all of what is there.
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 31)
    var result = 0
    let bytes = prefix.withUnsafeBytes { prefix in
      [UInt8](unsafeUninitializedCapacity: byteCount) { target, count in
        packed.withUnsafeBytes { packed in
          if !prefix.isEmpty { ZSTD_DCtx_refPrefix(context, prefix.baseAddress, prefix.count) }
          result = ZSTD_decompressDCtx(
            context, target.baseAddress, byteCount, packed.baseAddress, packed.count)
        }
        count = ZSTD_isError(result) == 0 ? result : 0
      }
    }
    guard ZSTD_isError(result) == 0, bytes.count == byteCount else { throw damaged }
    return bytes
  }

  private static let failure = Diagnostic(.failed, "no memory for zstd")
  private static let damaged = Diagnostic(.badData, "its compressed bytes are damaged")
}
