import CDeflate
import CLinux
import CZlib
import Glibc
import Support
import Tensors

/// A file of gzip members (RFC 1952), inflated to a file without a name: as a whole where memory for
/// the compressed file and the result is there, otherwise piece by piece.
struct GzipFile {
  private let file: OpenFile
  /// The largest result.
  private let limit: Int
  private let onDisk: Bool

  private static let pieceByteCount = 256 << 10

  /// Takes a file.
  init(_ file: OpenFile, limit: Int, onDisk: Bool) {
    self.file = file
    self.limit = limit
    self.onDisk = onDisk
  }

  /// What it holds.
  ///
  /// - Throws: `Diagnostic`, without a location.
  func inflated(as path: String) throws -> OpenFile {
    // The last four bytes tell the size of the last member, modulo 2^32.
    let told = try file.bytes(at: file.byteCount - 4, count: 4).reversed()
      .reduce(0) { $0 << 8 | Int($1) }
    if !onDisk, told <= limit,
      file.byteCount <= ScratchMemory.limit - min(told, ScratchMemory.limit),
      let whole = try inflatedWhole(told, path)
    {
      return whole
    }
    let result = try UnpackedFile(
      "inflated", expecting: max(told, file.byteCount), onDisk: onDisk)
    try stream(to: result)
    return try result.opened(as: path)
  }

  /// The contents of the file where it is one member of the size that it tells; nil where it is not.
  private func inflatedWhole(_ count: Int, _ path: String) throws -> OpenFile? {
    let share = ScratchMemory.Share()
    guard share.grow(by: count), let inflater = libdeflate_alloc_decompressor() else { return nil }
    defer { libdeflate_free_decompressor(inflater) }
    let scratch = try ScratchFile.make("inflated")
    let stored = try file.bytes(at: 0, count: file.byteCount)
    guard ftruncate(scratch.descriptor, off_t(max(1, count))) == 0 else {
      throw CompressedFile.noRoom
    }
    var (used, made) = (0, 0)
    let result = try CompressedFile.mapped(
      scratch.descriptor, from: 0, count: count, onDisk: false
    ) { output in
      libdeflate_gzip_decompress_ex(
        inflater, stored, stored.count, output, count, &used, &made)
    }
    guard result == LIBDEFLATE_SUCCESS, made == count, used == stored.count,
      ftruncate(scratch.descriptor, off_t(count)) == 0
    else { return nil }
    return try OpenFile(owning: duplicate(scratch.descriptor), path: path, share: share)
  }

  private func stream(to target: UnpackedFile) throws {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    // The window of the largest size, and a member's header and checksum.
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else {
      throw CompressedFile.noRoom
    }
    defer { inflateEnd(&stream) }
    var input = ByteBuffer()
    var output = ByteBuffer()
    let room = output.room(for: 4 * GzipFile.pieceByteCount)
    var offset = 0
    var isWithin = true
    while true {
      if stream.avail_in == 0 {
        let piece = input.room(for: min(GzipFile.pieceByteCount, file.byteCount - offset))
        if piece.isEmpty { break }
        try file.read(into: piece, at: offset)
        offset += piece.count
        stream.next_in = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_in = UInt32(piece.count)
      }
      if !isWithin {
        // Zeros may fill the last block of a tape or disk.
        if try isZeros(from: offset - Int(stream.avail_in)) { break }
        inflateReset(&stream)
        isWithin = true
      }
      stream.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.avail_out = UInt32(room.count)
      let status = CZlib.inflate(&stream, Z_NO_FLUSH)
      let made = room.count - Int(stream.avail_out)
      guard target.byteCount + made <= limit else { throw CompressedFile.tooLarge(limit) }
      try target.append(UnsafeRawBufferPointer(rebasing: room[..<made]))
      switch status {
      case Z_STREAM_END: isWithin = false
      case Z_OK, Z_BUF_ERROR: break
      default: throw GzipFile.damaged
      }
    }
    if isWithin { throw GzipFile.damaged }
  }

  private func isZeros(from start: Int) throws -> Bool {
    var place = start
    while place < file.byteCount {
      let piece = try file.bytes(at: place, count: GzipFile.pieceByteCount)
      if piece.contains(where: { $0 != 0 }) { return false }
      place += piece.count
    }
    return true
  }

  private static var damaged: Diagnostic {
    CompressedFile.damaged("gzip", "its data or their checksum are wrong, or it is cut off")
  }
}
