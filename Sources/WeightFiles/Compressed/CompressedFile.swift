import CDeflate
import CLinux
import Glibc
import WorkbenchCore

/// Files that were compressed as a whole, `model.pt.gz` and `model.h5.zst`: they are inflated to a
/// file without a name, in memory, and read from there. A `.zst` file in seekable format is inflated
/// frame by frame, as it is read.
enum CompressedFile {
  /// What inflating may take.
  struct Limits: Sendable {
    /// The largest result, in bytes.
    var byteCount = 8 << 30
    /// The largest result for each compressed byte (deflate cannot do better than 1032).
    var ratio = 1100
    /// Results of this size are taken whatever the ratio is.
    var trustedByteCount = 64 << 20

    /// The largest result of a file of that size.
    func bound(_ compressed: Int) -> Int {
      let (most, overflow) = compressed.multipliedReportingOverflow(by: ratio)
      return min(byteCount, max(trustedByteCount, overflow ? byteCount : most))
    }
  }

  /// Whether a file was compressed as a whole, by its first bytes.
  static func isCompressed(_ file: OpenFile) throws -> Bool {
    let start = try file.bytes(at: 0, count: 4)
    return start.starts(with: [0x1F, 0x8B, 8]) || start == [0x28, 0xB5, 0x2F, 0xFD]
  }

  /// What a compressed file holds; nil where it is not compressed. Checksums are verified.
  ///
  /// - Parameter onDisk: whether the result is put on disk, where it may be larger than memory.
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  /// - Complexity: O(result); memory for the result, where it is not on disk.
  static func inflated(
    _ file: OpenFile, limits: Limits = Limits(), onDisk: Bool = false
  ) throws -> OpenFile? {
    let start = try file.bytes(at: 0, count: 4)
    let limit = limits.bound(file.byteCount)
    let scratch: OpenFile
    var frames: SeekableFrames?
    if start.starts(with: [0x1F, 0x8B, 8]) {
      scratch = try ScratchFile.make("inflated", onDisk: onDisk)
      try inflateGzip(file, to: scratch.descriptor, limit: limit, onDisk: onDisk)
    } else if start == [0x28, 0xB5, 0x2F, 0xFD] {
      scratch = try ScratchFile.make("inflated", onDisk: onDisk)
      if let table = try SeekTable(file) {
        guard table.byteCount <= limit else { throw tooLarge(limit) }
        guard ftruncate(scratch.descriptor, off_t(table.byteCount)) == 0 else { throw noRoom }
        frames = SeekableFrames(file, table, onDisk: onDisk)
      } else {
        try inflateZstd(file, to: scratch.descriptor, limit: limit)
      }
    } else {
      return nil
    }
    // The name without its last part, which may say what is inside.
    var path = file.path
    for suffix in [".gz", ".zst"] where path.hasSuffix(suffix) {
      path.removeLast(suffix.count)
      break
    }
    return try OpenFile(owning: dup(scratch.descriptor), path: path, frames: frames)
  }

  private static func inflateZstd(_ file: OpenFile, to target: Int32, limit: Int) throws {
    var decompressor = try ZstandardDecompressor()
    var result = ByteBuffer()
    let room = result.room(for: 1 << 20)
    let pieceByteCount = 1 << 20
    var (offset, written, isAtEnd) = (0, 0, false)
    while offset < file.byteCount {
      let piece = try file.bytes(at: offset, count: pieceByteCount)
      offset += piece.count
      var used = 0
      var isFull = false
      while used < piece.count || isFull {
        let step = try piece.withUnsafeBytes {
          try decompressor.next(UnsafeRawBufferPointer(rebasing: $0[used...]), to: room)
        }
        isFull = step.produced == room.count
        used += step.consumed
        isAtEnd = step.isAtEnd
        guard written + step.produced <= limit else { throw tooLarge(limit) }
        try writeFully(
          UnsafeRawBufferPointer(rebasing: room[..<step.produced]), to: target, at: written)
        written += step.produced
      }
    }
    guard isAtEnd else { throw truncated }
  }

  private static func inflateGzip(
    _ file: OpenFile, to target: Int32, limit: Int, onDisk: Bool
  ) throws {
    guard let inflater = libdeflate_alloc_decompressor() else { throw noRoom }
    defer { libdeflate_free_decompressor(inflater) }
    let stored = try file.bytes(at: 0, count: file.byteCount)
    // The last four bytes tell the size of the last member, modulo 2^32.
    let told = stored.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    var (offset, written) = (0, 0)
    var capacity = min(limit, max(1 << 16, told))
    while offset < stored.count {
      let space = min(limit - written, capacity)
      var (used, count) = (0, 0)
      guard ftruncate(target, off_t(written + max(1, space))) == 0 else { throw noRoom }
      let result = try mapped(target, from: written, count: space, onDisk: onDisk) { output in
        stored.withUnsafeBytes {
          libdeflate_gzip_decompress_ex(
            inflater, $0.baseAddress.map { $0 + offset }, $0.count - offset, output, space, &used,
            &count)
        }
      }
      switch result {
      case LIBDEFLATE_SUCCESS:
        offset += used
        written += count
        // Zeros may fill the last block of a tape or disk.
        if stored[offset...].allSatisfy({ $0 == 0 }) { offset = stored.count }
      case LIBDEFLATE_INSUFFICIENT_SPACE:
        guard space < limit - written else { throw tooLarge(limit) }
        capacity = min(limit, 4 * capacity)
      default: throw damaged("gzip", "its data or their checksum are wrong, or it is cut off")
      }
    }
    guard ftruncate(target, off_t(written)) == 0 else { throw noRoom }
  }

  /// Lets `body` write into a range of a file.
  ///
  /// - Parameter onDisk: whether the file is on disk, where room for the range is made first: it is
  ///   too late for an error when the disk is found full in the midst of writing to memory.
  /// - Throws: `Diagnostic` of code `failed`, without a location, where there is no room.
  static func mapped<Result>(
    _ file: Int32, from offset: Int, count: Int, onDisk: Bool,
    _ body: (UnsafeMutableRawPointer) throws -> Result
  ) throws -> Result {
    let page = 4096
    let start = offset / page * page
    let length = offset - start + max(1, count)
    guard !onDisk || clinux_reserve(file, off_t(start), off_t(length)) == 0,
      let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, off_t(start)),
      memory != MAP_FAILED
    else { throw noRoom }
    defer { munmap(memory, length) }
    return try body(memory + (offset - start))
  }

  private static var noRoom: Diagnostic {
    Diagnostic(
      .failed, "no room to decompress the file: \(systemMessage(errno))",
      remedy: "set TMPDIR to a folder with room")
  }

  static var truncated: Diagnostic { damaged("zstd", "it ends in the middle") }

  private static func tooLarge(_ limit: Int) -> Diagnostic {
    Diagnostic(
      .badData, "it decompresses to more than \(limit) bytes, the most that is taken of it",
      remedy: "decompress it first, if you trust it")
  }

  static func damaged(_ kind: String, _ what: String) -> Diagnostic {
    Diagnostic(
      .badData, "this \(kind) file is damaged: \(what)", remedy: "copy or download it again")
  }
}
