import Archives
import CDeflate
import CHDF5
import CZlib
import Support
import Synchronization
import Tensors

/// Writes a large member of a zip archive as raw deflate: pieces of it are compressed side by side,
/// each without the others, and end at whole bytes, so that together they are one stream.
///
/// The bytes depend neither on the number of threads nor on how the tensor is read.
struct MemberDeflater {
  /// The level, 1 to 9.
  let level: Int
  /// How many threads compress.
  let jobs: Int?

  /// Members up to this size are compressed as a whole, by a faster library.
  static let wholeByteCount = 8 << 20
  private static let pieceByteCount = 1 << 20

  /// Compresses a header and a tensor.
  ///
  /// - Parameter offset: where in the file the stream begins.
  /// - Returns: the size of the stream, and the CRC-32 of what went into it.
  func write(
    _ header: [UInt8], _ source: TensorSource, byteCount: Int, to descriptor: Int32, at offset: Int
  ) throws -> (byteCount: Int, checksum: UInt32) {
    let size = MemberDeflater.pieceByteCount
    let count = (byteCount + size - 1) / size
    let output = OrderedOutput()
    let end = Atomic<Int>(offset)
    let sums = Mutex([UInt32](repeating: 0, count: count))
    @Sendable func put(_ bytes: UnsafeRawBufferPointer) throws {
      let place = end.load(ordering: .relaxed)
      try writeFully(bytes, to: descriptor, at: place)
      end.store(place + bytes.count, ordering: .relaxed)
    }
    let start = try PieceDeflater(level).deflate(header, isLast: false) { Array($0) }
    try start.withUnsafeBytes(put)
    try forEachIndex(
      count: count, jobs: jobs,
      workspace: { Space(deflater: try PieceDeflater(level)) }
    ) { own, index in
      do {
        let range = (index * size)..<min(byteCount, (index + 1) * size)
        let deflater = own.deflater
        try source.withBytes(range, &own.reading) { bytes in
          let sum = libdeflate_crc32(0, bytes.baseAddress, bytes.count)
          sums.withLock { $0[index] = sum }
          try deflater.deflate(bytes, isLast: index == count - 1) { packed in
            try output.hand(over: packed, at: index) { _, bytes in try put(bytes) }
          }
        }
      } catch {
        source.fail(error)
        throw error
      }
    }
    var sum = libdeflate_crc32(0, header, header.count)
    for (index, piece) in sums.withLock({ $0 }).enumerated() {
      sum = chdf5_join_crc32(sum, piece, min(size, byteCount - index * size))
    }
    return (end.load(ordering: .relaxed) - offset, sum)
  }
}

/// What a thread reuses.
private struct Space: ~Copyable {
  let deflater: PieceDeflater
  var reading = TensorSource.Space()
}

/// Compresses pieces, one after the other, each without those before.
private final class PieceDeflater {
  private var stream = z_stream()
  private var room = ByteBuffer()

  init(_ level: Int) throws {
    let size = Int32(MemoryLayout<z_stream>.size)
    guard
      deflateInit2_(
        &stream, Int32(level), Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
    else { throw Diagnostic(.failed, "no memory for a compressor") }
  }

  deinit { deflateEnd(&stream) }

  func deflate<Result>(
    _ bytes: [UInt8], isLast: Bool, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try bytes.withUnsafeBytes { try deflate($0, isLast: isLast, body) }
  }

  func deflate<Result>(
    _ bytes: UnsafeRawBufferPointer, isLast: Bool,
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    deflateReset(&stream)
    // An empty block at the end, and the header of one.
    let bound = Int(deflateBound(&stream, UInt(bytes.count))) + 64
    let target = room.room(for: bound)
    stream.next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = UInt32(bytes.count)
    stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = UInt32(bound)
    let status = CZlib.deflate(&stream, isLast ? Z_FINISH : Z_FULL_FLUSH)
    guard status == (isLast ? Z_STREAM_END : Z_OK), stream.avail_in == 0, stream.avail_out > 0
    else { throw Diagnostic(.failed, "zlib fails on a block") }
    return try body(
      UnsafeRawBufferPointer(rebasing: target[..<(bound - Int(stream.avail_out))]))
  }
}
