import Support

/// Whole runs of bytes with Zstandard, each with a context of its own: for whoever has one run, or
/// few. Loops keep a `ZstandardCompressor` or a `ZstandardDecompressor`.
public enum Zstandard {
  /// The levels of compression that are used.
  package static let levels = 1...22

  /// Compresses bytes into one frame, which tells its size. Equal bytes make equal frames.
  ///
  /// - Parameters:
  ///   - level: brought into 1...22, whatever a file gives.
  ///   - prefix: bytes that are there when the frame is decompressed, too; matches are sought in them.
  /// - Throws: `Diagnostic` of code `failed` where there is no memory.
  public static func compress(
    _ bytes: UnsafeRawBufferPointer, level: Int,
    after prefix: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) throws -> [UInt8] {
    var compressor = try ZstandardCompressor()
    return try compressor.compress(bytes, level: level, after: prefix)
  }

  /// Compresses an array of bytes, the same.
  public static func compress(
    _ bytes: [UInt8], level: Int, after prefix: [UInt8] = []
  ) throws -> [UInt8] {
    try bytes.withUnsafeBytes { bytes in
      try prefix.withUnsafeBytes { try compress(bytes, level: level, after: $0) }
    }
  }

  /// Decompresses a frame into exactly as many bytes as the buffer holds.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  public static func decompress(
    _ frame: UnsafeRawBufferPointer, to buffer: UnsafeMutableRawBufferPointer
  ) throws {
    var decompressor = try ZstandardDecompressor()
    try decompressor.decompress(frame, to: buffer)
  }

  /// Decompresses a frame.
  ///
  /// - Parameters:
  ///   - byteCount: how many bytes they have to be. Nothing is allocated where the frame is too short
  ///     to hold them, or tells another size.
  ///   - prefix: what it was compressed after.
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  public static func decompress(
    _ packed: [UInt8], byteCount: Int, after prefix: [UInt8] = []
  ) throws -> [UInt8] {
    guard byteCount >= 0 else { throw DecompressionError.damaged }
    return try packed.withUnsafeBytes { frame in
      try ZstandardDecompressor.checkSize(of: frame, byteCount)
      var decompressor = try ZstandardDecompressor()
      return try prefix.withUnsafeBytes { prefix in
        try [UInt8](unsafeUninitializedCapacity: byteCount) { target, count in
          try decompressor.decompress(
            frame,
            to: UnsafeMutableRawBufferPointer(
              rebasing: UnsafeMutableRawBufferPointer(target)[..<byteCount]), after: prefix)
          count = byteCount
        }
      }
    }
  }

  /// Decompresses a frame that tells its size.
  ///
  /// - Parameters:
  ///   - bound: the most bytes that it may be.
  ///   - prefix: what it was compressed after.
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  public static func decompress(
    _ packed: [UInt8], atMost bound: Int, after prefix: [UInt8] = []
  ) throws -> [UInt8] {
    guard let count = packed.withUnsafeBytes(ZstandardDecompressor.toldSize), count <= bound else {
      throw DecompressionError.damaged
    }
    return try decompress(packed, byteCount: count, after: prefix)
  }
}
