import CLinux
import Glibc
package import Support
import Tensors

/// Files that were compressed as a whole, `model.pt.gz` and `model.h5.zst`: they are inflated to a
/// file without a name, in memory or on disk, and read from there. A `.zst` file in seekable format is
/// inflated frame by frame, as it is read.
package enum CompressedFile {
  /// What inflating may take.
  package struct Limits: Sendable {
    /// The largest result, in bytes.
    package var byteCount = 8 << 30
    /// The largest result for each compressed byte (deflate cannot do better than 1032).
    package var ratio = 1100
    /// Results of this size are taken whatever the ratio is.
    package var trustedByteCount = 64 << 20

    package init(byteCount: Int = 8 << 30, ratio: Int = 1100, trustedByteCount: Int = 64 << 20) {
      self.byteCount = byteCount
      self.ratio = ratio
      self.trustedByteCount = trustedByteCount
    }

    /// The largest result of a file of that size.
    package func bound(_ compressed: Int) -> Int {
      let (most, overflow) = compressed.multipliedReportingOverflow(by: ratio)
      return min(byteCount, max(trustedByteCount, overflow ? byteCount : most))
    }
  }

  /// Whether a file was compressed as a whole, by its first bytes.
  package static func isCompressed(_ file: OpenFile) throws -> Bool {
    let start = try file.bytes(at: 0, count: 4)
    return start.starts(with: [0x1F, 0x8B, 8]) || start == [0x28, 0xB5, 0x2F, 0xFD]
  }

  /// What a compressed file holds; nil where it is not compressed. Checksums are verified.
  ///
  /// - Parameter onDisk: whether the result is put on disk in any case, and not only where it is larger
  ///   than `ScratchMemory` allows.
  /// - Throws: `Diagnostic`, without a location: `badData`, or `failed` where there is no room.
  /// - Complexity: O(result).
  package static func inflated(
    _ file: OpenFile, limits: Limits = Limits(), onDisk: Bool = false
  ) throws -> OpenFile? {
    let start = try file.bytes(at: 0, count: 4)
    let limit = limits.bound(file.byteCount)
    // The name without its last part, which may say what is inside.
    var path = file.path
    for suffix in [".gz", ".zst"] where path.hasSuffix(suffix) {
      path.removeLast(suffix.count)
      break
    }
    if start.starts(with: [0x1F, 0x8B, 8]) {
      return try GzipFile(file, limit: limit, onDisk: onDisk).inflated(as: path)
    }
    guard start == [0x28, 0xB5, 0x2F, 0xFD] else { return nil }
    guard let table = try SeekTable(file) else {
      let result = try UnpackedFile("inflated", expecting: 2 * file.byteCount, onDisk: onDisk)
      try inflateZstd(file, to: result, limit: limit)
      return try result.opened(as: path)
    }
    guard table.byteCount <= limit else { throw tooLarge(limit) }
    let share = ScratchMemory.Share()
    let isInMemory = !onDisk && share.grow(by: table.byteCount)
    let scratch = try ScratchFile.make("inflated", onDisk: !isInMemory)
    guard ftruncate(scratch.descriptor, off_t(table.byteCount)) == 0 else { throw noRoom }
    return try OpenFile(
      owning: duplicate(scratch.descriptor), path: path,
      frames: SeekableFrames(file, table, onDisk: !isInMemory), share: isInMemory ? share : nil)
  }

  private static func inflateZstd(_ file: OpenFile, to target: UnpackedFile, limit: Int) throws {
    var decompressor = try ZstandardDecompressor()
    decompressor.limitWindow(to: max(8 << 20, ScratchMemory.limit))
    var result = ByteBuffer()
    let room = result.room(for: 1 << 20)
    let pieceByteCount = 1 << 20
    var (offset, isAtEnd) = (0, false)
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
        guard target.byteCount + step.produced <= limit else { throw tooLarge(limit) }
        try target.append(UnsafeRawBufferPointer(rebasing: room[..<step.produced]))
      }
    }
    guard isAtEnd else { throw truncated }
  }

  /// Lets `body` write into a range of a file.
  ///
  /// - Parameter onDisk: whether the file is on disk, where room for the range is made first: it is
  ///   too late for an error when the disk is found full in the midst of writing to memory.
  /// - Throws: `Diagnostic` of code `failed`, without a location, where there is no room.
  package static func mapped<Result>(
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

  package static var noRoom: Diagnostic {
    Diagnostic(
      .failed, "no room to decompress the file: \(systemMessage(errno))",
      remedy: "set TMPDIR to a folder with room")
  }

  package static var truncated: Diagnostic { damaged("zstd", "it ends in the middle") }

  package static func tooLarge(_ limit: Int) -> Diagnostic {
    Diagnostic(
      .badData, "it decompresses to more than \(limit) bytes, the most that is taken of it",
      remedy: "decompress it first, if you trust it")
  }

  package static func damaged(_ kind: String, _ what: String) -> Diagnostic {
    Diagnostic(
      .badData, "this \(kind) file is damaged: \(what)", remedy: "copy or download it again")
  }
}
