import Catalogs
import CDeflate
package import Support
import Tensors

/// The directory of a zip archive, read without trust: every offset is checked against the file,
/// members may not overlap, and each local header must agree with the directory.
package struct ZipArchive: Sendable {
  /// The members, in the order of the directory.
  package let entries: [ZipEntry]
  private let places: [String: Int]
  /// Where the directory begins.
  package let directoryOffset: Int
  /// The archive's comment.
  package let comment: [UInt8]

  private static let maximalDirectoryByteCount = 64 << 20
  /// Members up to this size are inflated as a whole.
  private static let wholeByteCount = 16 << 20

  /// Reads the directory of a file.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  package init(_ file: OpenFile) throws {
    let tailOffset = max(0, file.byteCount - 65_557)
    let tail = try file.bytes(at: tailOffset, count: 65_557)
    guard let end = ZipArchive.findEnd(tail) else {
      throw ZipArchive.damaged("it has no directory at its end: it is truncated")
    }
    var (count, size, offset) = (UInt64(end.count), UInt64(end.size), UInt64(end.offset))
    comment = end.comment
    if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
      (count, size, offset) = try ZipArchive.wideEnd(file, before: tailOffset + end.position)
    }
    guard let directory = Int(exactly: offset), let byteCount = Int(exactly: size),
      byteCount <= ZipArchive.maximalDirectoryByteCount, directory <= file.byteCount,
      byteCount <= file.byteCount - directory
    else { throw ZipArchive.damaged("its directory lies beyond its end") }
    directoryOffset = directory
    var cursor = ByteCursor(try file.bytes(at: directory, count: byteCount)[...])
    var entries: [ZipEntry] = []
    while cursor.remaining > 0 {
      let position = cursor.position
      guard var entry = ZipEntry(&cursor) else {
        throw ZipArchive.damaged("its directory is damaged")
      }
      entry.recordOffset = directory + position
      entries.append(entry)
    }
    guard UInt64(entries.count) == count, Set(entries.map(\.name)).count == entries.count else {
      throw ZipArchive.damaged("its directory does not list each member once")
    }
    for index in entries.indices { try ZipArchive.locate(&entries[index], in: file) }
    var reached = 0
    for entry in entries.sorted(by: { $0.headerOffset < $1.headerOffset }) {
      guard entry.headerOffset >= reached, entry.dataEnd <= directory else {
        throw ZipArchive.damaged("its members overlap")
      }
      reached = entry.dataEnd
    }
    self.entries = entries
    places = Dictionary(
      zip(entries.map(\.text), entries.indices), uniquingKeysWith: { first, _ in first })
  }

  private static func findEnd(
    _ tail: [UInt8]
  ) -> (count: UInt16, size: UInt32, offset: UInt32, comment: [UInt8], position: Int)? {
    guard tail.count >= 22 else { return nil }
    for position in stride(from: tail.count - 22, through: 0, by: -1)
    where tail[position] == 0x50 && tail[position + 1] == 0x4B {
      var cursor = ByteCursor(tail[position...])
      guard cursor.field(UInt32.self) == 0x0605_4B50, cursor.field(UInt32.self) == 0,
        cursor.field(UInt16.self) != nil, let count = cursor.field(UInt16.self),
        let size = cursor.field(UInt32.self), let offset = cursor.field(UInt32.self),
        let length = cursor.field(UInt16.self), cursor.remaining == Int(length)
      else { continue }
      return (count, size, offset, Array(tail.suffix(Int(length))), position)
    }
    return nil
  }

  /// Where an archive's comment begins, and where its length stands; nil where no end is found.
  package static func commentPlace(in file: OpenFile) throws -> (start: Int, length: Int)? {
    let offset = max(0, file.byteCount - 65_557)
    guard let end = findEnd(try file.bytes(at: offset, count: 65_557)) else { return nil }
    return (offset + end.position + 22, offset + end.position + 20)
  }

  private static func wideEnd(
    _ file: OpenFile, before position: Int
  ) throws -> (count: UInt64, size: UInt64, offset: UInt64) {
    var locator = ByteCursor(try file.bytes(at: position - 20, count: 20)[...])
    guard locator.field(UInt32.self) == 0x0706_4B50, locator.field(UInt32.self) == 0,
      let offset = locator.field(UInt64.self).flatMap({ Int(exactly: $0) })
    else { throw damaged("its zip64 directory is missing") }
    var end = ByteCursor(try file.bytes(at: offset, count: 56)[...])
    guard end.field(UInt32.self) == 0x0606_4B50, end.block(28) != nil,
      let count = end.field(UInt64.self), let size = end.field(UInt64.self),
      let start = end.field(UInt64.self)
    else { throw damaged("its zip64 directory is damaged") }
    return (count, size, start)
  }

  /// Reads a member's local header, which must tell the same as the directory.
  private static func locate(_ entry: inout ZipEntry, in file: OpenFile) throws {
    var header = ByteCursor(try file.bytes(at: entry.headerOffset, count: 30)[...])
    guard header.field(UInt32.self) == 0x0403_4B50, header.field(UInt16.self) != nil,
      let flags = header.field(UInt16.self), let method = header.field(UInt16.self),
      header.field(UInt32.self) != nil, let checksum = header.field(UInt32.self),
      let stored = header.field(UInt32.self), let size = header.field(UInt32.self),
      let nameLength = header.field(UInt16.self), let extraLength = header.field(UInt16.self)
    else { throw damaged("a member's header lies beyond its end") }
    let name = try file.bytes(at: entry.headerOffset + 30, count: Int(nameLength))
    let sizesAgree =
      entry.hasDescriptor && size == 0
      || [UInt32.max, UInt32(truncatingIfNeeded: entry.byteCount)].contains(size)
        && [UInt32.max, UInt32(truncatingIfNeeded: entry.storedByteCount)].contains(stored)
        && checksum == entry.checksum
    guard name == entry.name, method == entry.method, flags == entry.flags, sizesAgree else {
      throw damaged("the header of its member \(entry.text) contradicts its directory")
    }
    guard !entry.text.hasPrefix("/"), !entry.text.split(separator: "/").contains(".."),
      !name.contains(0), !name.contains(0x5C)
    else { throw damaged("its member \(entry.text) has a path that leads out of it") }
    let (start, overflow) = entry.headerOffset.addingReportingOverflow(
      30 + Int(nameLength) + Int(extraLength))
    guard !overflow, start <= file.byteCount, entry.storedByteCount <= file.byteCount - start else {
      throw damaged("its member \(entry.text) lies beyond its end")
    }
    entry.dataOffset = start
  }

  /// The member of that name.
  package func entry(named name: String) -> ZipEntry? { places[name].map { entries[$0] } }

  /// A member's bytes, inflated and checked, where they are not more than a limit.
  package func contents(of entry: ZipEntry, in file: OpenFile, limit: Int) throws -> [UInt8] {
    guard entry.flags & 1 == 0 else { throw ZipArchive.damaged("\(entry.text) is encrypted") }
    guard entry.byteCount <= limit, entry.byteCount / 1100 <= entry.storedByteCount else {
      throw ZipArchive.damaged("\(entry.text) claims \(entry.byteCount) bytes, which is absurd")
    }
    let stored = try file.bytes(at: entry.dataOffset, count: entry.storedByteCount)
    let bytes: [UInt8]
    switch ZipEntry.Method(rawValue: entry.method) {
    case .stored: bytes = stored
    case .deflated: bytes = try ZipArchive.inflate(stored, to: entry.byteCount, name: entry.text)
    case nil: throw ZipArchive.damaged("\(entry.text) is compressed in a way that is not read")
    }
    guard bytes.count == entry.byteCount,
      libdeflate_crc32(0, bytes, bytes.count) == entry.checksum || bytes.isEmpty
    else { throw ZipArchive.damaged("the checksum of \(entry.text) does not fit its data") }
    return bytes
  }

  /// A member as a file without a name, inflated and checked; a large one piece by piece.
  ///
  /// - Throws: `Diagnostic`, without a location.
  package func unpacked(
    _ entry: ZipEntry, of file: OpenFile, limit: Int, as path: String
  ) throws -> OpenFile {
    let isDeflated = ZipEntry.Method(rawValue: entry.method) == .deflated
    guard isDeflated, entry.byteCount > ZipArchive.wholeByteCount, entry.byteCount <= limit,
      entry.flags & 1 == 0, entry.byteCount / 1100 <= entry.storedByteCount
    else {
      let bytes = try contents(of: entry, in: file, limit: limit)
      let result = try UnpackedFile("member", expecting: bytes.count)
      try bytes.withUnsafeBytes { try result.append($0) }
      return try result.opened(as: path)
    }
    let result = try UnpackedFile("member", expecting: entry.byteCount)
    let stream = try DeflateStream(
      file,
      TensorEntry.DeflatedRun(
        offset: entry.dataOffset, storedByteCount: entry.storedByteCount,
        byteCount: entry.byteCount, checksum: entry.checksum), 0..<entry.byteCount)
    var buffer = ByteBuffer()
    do {
      while result.byteCount < entry.byteCount {
        let piece = buffer.room(for: min(1 << 20, entry.byteCount - result.byteCount))
        try stream.next(into: piece)
        try result.append(UnsafeRawBufferPointer(piece))
      }
    } catch let error as Diagnostic where error.code == .badData {
      throw ZipArchive.damaged("the compressed data of \(entry.text) are damaged")
    }
    return try result.opened(as: path)
  }

  private static func inflate(_ stored: [UInt8], to count: Int, name: String) throws -> [UInt8] {
    guard let inflater = libdeflate_alloc_decompressor() else {
      throw Diagnostic(.failed, "no memory for a decompressor")
    }
    defer { libdeflate_free_decompressor(inflater) }
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var written = 0
      let result = libdeflate_deflate_decompress(
        inflater, stored, stored.count, buffer.baseAddress, count, &written)
      guard result == LIBDEFLATE_SUCCESS, written == count else {
        throw damaged("the compressed data of \(name) are damaged")
      }
      initialized = count
    }
  }

  package static func damaged(_ what: String) -> Diagnostic {
    Diagnostic(
      .badData, "this zip archive is damaged: \(what)", remedy: "copy or download it again")
  }
}
