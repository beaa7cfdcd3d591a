import CDeflate
import Support

/// Decompresses whole gzip files and deflated members, through libdeflate.
enum Deflate {
  /// Deflate cannot do better than 1032 to 1; what claims more lies about its size.
  private static let largestRatio = 1040

  /// The contents of a gzip file, of one member.
  static func gunzip(_ bytes: [UInt8]) throws -> [UInt8] {
    guard bytes.count >= 18 else { throw damaged }
    let trailer = bytes.suffix(4)
    let size = trailer.reversed().reduce(0) { $0 << 8 | Int($1) }
    return try decompress(bytes[...], size: size) {
      libdeflate_gzip_decompress($0, $1, $2, $3, $4, nil)
    }
  }

  /// The contents of a raw deflate stream of known size.
  static func inflate(_ bytes: ArraySlice<UInt8>, size: Int) throws -> [UInt8] {
    try decompress(bytes, size: size) {
      libdeflate_deflate_decompress($0, $1, $2, $3, $4, nil)
    }
  }

  private static func decompress(
    _ bytes: ArraySlice<UInt8>, size: Int,
    _ call: (
      OpaquePointer, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int
    ) -> libdeflate_result
  ) throws -> [UInt8] {
    guard size <= bytes.count * largestRatio else { throw damaged }
    guard let decompressor = libdeflate_alloc_decompressor() else {
      throw Diagnostic(.failed, "libdeflate could not start")
    }
    defer { libdeflate_free_decompressor(decompressor) }
    var result = LIBDEFLATE_BAD_DATA
    let contents = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      bytes.withUnsafeBytes {
        result = call(decompressor, $0.baseAddress, $0.count, buffer.baseAddress, size)
      }
      initialized = result == LIBDEFLATE_SUCCESS ? size : 0
    }
    guard result == LIBDEFLATE_SUCCESS else { throw damaged }
    return contents
  }

  private static var damaged: Diagnostic {
    Diagnostic(
      .badData, "the compressed data are damaged", remedy: "copy or download the file again")
  }
}
