import WeightFiles
import WorkbenchCore

/// The residues of one tensor as records of version 1 have them: for each piece, for each byte of an
/// element, the bytes of all elements as one zstd frame after its length. A length of zero stands for
/// zeros. Such records are read, and not written any more.
enum PlaneRecord {
  /// Takes the residues of a piece from a record.
  ///
  /// - Parameters:
  ///   - position: where the piece begins; moved behind it.
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  @inline(__always)
  static func take<Bits: FixedWidthInteger & UnsignedInteger>(
    _ residues: UnsafeMutableBufferPointer<Bits>, from record: [UInt8], at position: inout Int
  ) throws {
    residues.update(repeating: 0)
    var plane = [UInt8](repeating: 0, count: residues.count)
    for byte in 0..<MemoryLayout<Bits>.size {
      guard record.count - position >= 4 else { throw UndoRecord.damaged }
      let count = (0..<4).reduce(0) { $0 | Int(record[position + $1]) << (8 * $1) }
      position += 4
      guard count <= record.count - position else { throw UndoRecord.damaged }
      if count == 0 { continue }
      try record[position..<(position + count)].withUnsafeBytes { frame in
        try plane.withUnsafeMutableBytes { try Zstandard.decompress(frame, to: $0) }
      }
      position += count
      let shift = Bits(byte * 8)
      for index in residues.indices { residues[index] |= Bits(plane[index]) << shift }
    }
  }
}
