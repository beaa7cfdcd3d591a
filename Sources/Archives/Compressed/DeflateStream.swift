package import Catalogs
import CDeflate
import CZlib
import Support
import Tensors

/// A run of raw deflate in a file, decompressed piece by piece: for what is larger than memory allows.
/// (What fits is decompressed as a whole by another library, in half the time.)
package final class DeflateStream: ElementStream {
  private let file: OpenFile
  private let run: TensorEntry.DeflatedRun
  /// The bytes of the result that are wanted.
  private let wanted: Range<Int>
  private var stream = z_stream()
  private var input = ByteBuffer()
  /// How much of the stored bytes was read.
  private var readCount = 0
  /// How many bytes were made, and their checksum.
  private var madeCount = 0
  private var checksum: UInt32 = 0

  private static let pieceByteCount = 256 << 10

  /// Prepares to decompress.
  ///
  /// - Parameter wanted: the bytes of the result that `next` makes; all of it is checked.
  /// - Throws: `Diagnostic`, without a location.
  package init(_ file: OpenFile, _ run: TensorEntry.DeflatedRun, _ wanted: Range<Int>) throws {
    self.file = file
    self.run = run
    self.wanted = wanted
    let size = Int32(MemoryLayout<z_stream>.size)
    guard wanted.upperBound <= run.byteCount else {
      throw Diagnostic(.badData, "its data lie beyond the end of the file")
    }
    guard inflateInit2_(&stream, -15, ZLIB_VERSION, size) == Z_OK else {
      throw Diagnostic(.failed, "no memory for a decompressor")
    }
    try skip(to: wanted.lowerBound)
  }

  deinit { inflateEnd(&stream) }

  package func next(into target: UnsafeMutableRawBufferPointer) throws {
    try make(target)
    guard madeCount == wanted.upperBound else { return }
    // The checksum is that of the whole run.
    try skip(to: run.byteCount)
    var end: UInt8 = 0
    let isOver = try withUnsafeMutableBytes(of: &end) { try inflate(into: $0) } == 0
    guard isOver else { throw DeflateStream.damaged }
    guard checksum == run.checksum || run.byteCount == 0 else {
      throw TensorEntry.CheckedRun.damaged
    }
  }

  private func skip(to end: Int) throws {
    var rest = ByteBuffer()
    while madeCount < end {
      try make(rest.room(for: min(DeflateStream.pieceByteCount, end - madeCount)))
    }
  }

  private func make(_ target: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < target.count {
      let part = UnsafeMutableRawBufferPointer(rebasing: target[done...])
      let count = try inflate(into: part)
      guard count > 0 else { throw DeflateStream.damaged }
      checksum = libdeflate_crc32(checksum, part.baseAddress, count)
      done += count
    }
    madeCount += done
  }

  /// Makes some bytes; 0 where the stream is over.
  private func inflate(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let room = min(target.count, 1 << 30)
    stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = UInt32(room)
    while stream.avail_out == room {
      if stream.avail_in == 0 {
        let count = min(DeflateStream.pieceByteCount, run.storedByteCount - readCount)
        let piece = input.room(for: count)
        if count > 0 { try file.read(into: piece, at: run.offset + readCount) }
        readCount += count
        stream.next_in = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_in = UInt32(count)
      }
      let status = CZlib.inflate(&stream, Z_NO_FLUSH)
      if status == Z_STREAM_END { break }
      guard status == Z_OK || status == Z_BUF_ERROR && readCount < run.storedByteCount else {
        throw status == Z_MEM_ERROR
          ? Diagnostic(.failed, "no memory for a decompressor") : DeflateStream.damaged
      }
    }
    return room - Int(stream.avail_out)
  }

  private static var damaged: Diagnostic {
    Diagnostic(.badData, "its compressed data are damaged", remedy: "copy the file again")
  }
}
