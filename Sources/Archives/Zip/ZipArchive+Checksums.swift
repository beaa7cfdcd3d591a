import CDeflate
import Support
import Tensors

extension ZipArchive {
  /// Computes the checksums of stored members again in which bytes were changed, and writes them
  /// wherever a checksum stands: local header, descriptor after the data, directory.
  ///
  /// - Parameters:
  ///   - ranges: the bytes that were changed.
  ///   - copy: a copy of the archive, open for writing.
  package func updateChecksums(of ranges: [Range<Int>], in copy: OpenFile) throws {
    let touched = ranges.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
    var next = 0
    // Both in the order of the file: members do not overlap, and ranges may.
    for entry in entries.sorted(by: { $0.dataOffset < $1.dataOffset }) {
      while next < touched.count, touched[next].upperBound <= entry.dataOffset { next += 1 }
      guard
        touched[next...].prefix(while: { $0.lowerBound < entry.dataEnd })
          .contains(where: { $0.overlaps(entry.dataRange) })
      else { continue }
      let sum = try copy.checksum(of: entry.dataRange)
      var places = [entry.recordOffset + 16]
      let old = Self.bytes(of: entry.checksum)
      if try copy.bytes(at: entry.headerOffset + 14, count: 4) == old {
        places.append(entry.headerOffset + 14)
      }
      if entry.hasDescriptor {
        // The descriptor's own signature is optional.
        let tail = try copy.bytes(at: entry.dataEnd, count: 8)
        let isSigned = tail.starts(with: Self.bytes(of: 0x0807_4B50))
        let skip = isSigned ? 4 : 0
        if tail.dropFirst(skip).starts(with: old) { places.append(entry.dataEnd + skip) }
      }
      for place in places {
        try Self.bytes(of: sum).withUnsafeBytes {
          try writeFully($0, to: copy.descriptor, at: place)
        }
      }
    }
  }

  private static func bytes(of value: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    append(value, to: &bytes)
    return bytes
  }
}

extension OpenFile {
  /// The CRC-32 of a range.
  ///
  /// - Throws: `Diagnostic`, without a location, where the file ends before.
  package func checksum(of range: Range<Int>) throws -> UInt32 {
    var buffer = ByteBuffer()
    var sum: UInt32 = 0
    var offset = range.lowerBound
    while offset < range.upperBound {
      let piece = buffer.room(for: min(4 << 20, range.upperBound - offset))
      try read(into: piece, at: offset)
      sum = libdeflate_crc32(sum, piece.baseAddress, piece.count)
      offset += piece.count
    }
    return sum
  }
}

extension ZipEntry {
  /// The member's data in the archive.
  package var dataRange: Range<Int> { dataOffset..<dataEnd }
}
