import Archives
import CDeflate
import Glibc
import Support
import Tensors

extension KerasArchive {
  /// Writes a copy of an archive with other weights. Every other member keeps its bytes; so do
  /// whatever lies between members, and the archive's comment.
  ///
  /// - Parameters:
  ///   - file: the archive.
  ///   - weights: a descriptor of the HDF5 file that replaces the weights.
  ///   - target: an empty file.
  static func rewrite(_ file: OpenFile, weights: Int32, to target: Int32) throws {
    let archive = try ZipArchive(file)
    guard var entry = archive.entry(named: Self.weights) else {
      throw Diagnostic(.badData, "it has no \(Self.weights)")
    }
    let old = entry
    let source = try OpenFile(owning: duplicate(weights), path: file.path)
    entry.byteCount = source.byteCount
    entry.checksum = try checksum(of: source)
    entry.flags &= ~8  // The sizes are known, and stand in the header.
    var packed: [UInt8]?
    if ZipEntry.Method(rawValue: old.method) == .deflated { packed = try deflate(source) }
    entry.storedByteCount = packed?.count ?? source.byteCount
    let header = entry.localHeader()
    entry.dataOffset = old.headerOffset + header.count

    try copyRange(of: file, from: 0, count: old.headerOffset, to: target, at: 0)
    try header.withUnsafeBytes { try writeFully($0, to: target, at: old.headerOffset) }
    if let packed {
      try packed.withUnsafeBytes { try writeFully($0, to: target, at: entry.dataOffset) }
    } else {
      try copyRange(
        of: source, from: 0, count: source.byteCount, to: target, at: entry.dataOffset)
    }
    // What follows, up to the directory, moves as it is; a descriptor of the old sizes does not.
    let next = archive.entries.map(\.headerOffset).filter { $0 > old.headerOffset }.min()
    let resume = next ?? archive.directoryOffset
    let rest = archive.directoryOffset - resume
    let shift = entry.dataEnd - resume
    try copyRange(of: file, from: resume, count: rest, to: target, at: entry.dataEnd)

    var directory: [UInt8] = []
    for var member in archive.entries {
      if member.name == entry.name {
        member = entry
      } else if member.headerOffset > old.headerOffset {
        member.headerOffset += shift
      }
      directory += member.centralRecord()
    }
    let offset = archive.directoryOffset + shift
    let end = ZipArchive.end(
      count: archive.entries.count, directoryOffset: offset,
      directoryByteCount: directory.count, comment: archive.comment)
    try (directory + end).withUnsafeBytes { try writeFully($0, to: target, at: offset) }
  }

  private static func checksum(of file: OpenFile) throws -> UInt32 {
    var sum: UInt32 = 0
    var buffer = ByteBuffer()
    var offset = 0
    while offset < file.byteCount {
      let piece = buffer.room(for: min(4 << 20, file.byteCount - offset))
      try file.read(into: piece, at: offset)
      sum = libdeflate_crc32(sum, piece.baseAddress, piece.count)
      offset += piece.count
    }
    return sum
  }

  private static func deflate(_ file: OpenFile) throws -> [UInt8] {
    guard let compressor = libdeflate_alloc_compressor(6) else {
      throw Diagnostic(.failed, "no memory for a compressor")
    }
    defer { libdeflate_free_compressor(compressor) }
    let bytes = try file.bytes(at: 0, count: file.byteCount)
    let bound = libdeflate_deflate_compress_bound(compressor, bytes.count)
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, initialized in
      initialized = libdeflate_deflate_compress(
        compressor, bytes, bytes.count, buffer.baseAddress, bound)
    }
  }
}

extension ZipArchive {
  /// The records after the directory, with those of zip64 where a number needs them.
  static func end(
    count: Int, directoryOffset: Int, directoryByteCount: Int, comment: [UInt8]
  ) -> [UInt8] {
    var end: [UInt8] = []
    if count >= 0xFFFF || directoryOffset >= 0xFFFF_FFFF || directoryByteCount >= 0xFFFF_FFFF {
      append(UInt32(0x0606_4B50), to: &end)
      append(UInt64(44), to: &end)
      append(UInt16(45), to: &end)
      append(UInt16(45), to: &end)
      append(UInt64(0), to: &end)
      append(UInt64(count), to: &end)
      append(UInt64(count), to: &end)
      append(UInt64(directoryByteCount), to: &end)
      append(UInt64(directoryOffset), to: &end)
      append(UInt32(0x0706_4B50), to: &end)
      append(UInt32(0), to: &end)
      append(UInt64(directoryOffset + directoryByteCount), to: &end)
      append(UInt32(1), to: &end)
    }
    append(UInt32(0x0605_4B50), to: &end)
    append(UInt32(0), to: &end)
    append(UInt16(min(count, 0xFFFF)), to: &end)
    append(UInt16(min(count, 0xFFFF)), to: &end)
    append(UInt32(min(directoryByteCount, 0xFFFF_FFFF)), to: &end)
    append(UInt32(min(directoryOffset, 0xFFFF_FFFF)), to: &end)
    append(UInt16(comment.count), to: &end)
    return end + comment
  }
}
