import WeightFiles
import WorkbenchCore

/// The residues of one tensor, entropy-coded: for each piece, for each byte of an element, the bytes of
/// all elements as one zstd frame after its length. A length of zero stands for zeros, which all but
/// the lowest bytes are.
enum UndoRecord {
  /// The number of elements in a piece.
  static let pieceCount = 1 << 18

  /// Adds the residues of a piece.
  @inline(__always)
  static func append<Bits: FixedWidthInteger & UnsignedInteger>(
    _ residues: UnsafeBufferPointer<Bits>, to record: inout [UInt8]
  ) throws {
    var all: Bits = 0
    for residue in residues { all |= residue }
    for byte in 0..<MemoryLayout<Bits>.size {
      let shift = Bits(byte * 8)
      guard UInt8(truncatingIfNeeded: all >> shift) != 0 else {
        record += [0, 0, 0, 0]
        continue
      }
      let plane = [UInt8](unsafeUninitializedCapacity: residues.count) { buffer, initialized in
        for index in residues.indices {
          buffer[index] = UInt8(truncatingIfNeeded: residues[index] >> shift)
        }
        initialized = residues.count
      }
      let frame = try Zstandard.compress(plane, level: level(residues.count))
      for part in 0..<4 { record.append(UInt8(truncatingIfNeeded: frame.count >> (8 * part))) }
      record += frame
    }
  }

  /// Small tensors cost nothing to compress well.
  private static func level(_ count: Int) -> Int { count < 1 << 16 ? 9 : 1 }

  /// Takes the residues of a piece from a record.
  ///
  /// - Parameters:
  ///   - position: where the piece begins; moved behind it.
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  @inline(__always)
  static func take<Bits: FixedWidthInteger & UnsignedInteger>(
    _ residues: UnsafeMutableBufferPointer<Bits>, from record: ArraySlice<UInt8>,
    at position: inout Int
  ) throws {
    residues.update(repeating: 0)
    var plane = [UInt8](repeating: 0, count: residues.count)
    for byte in 0..<MemoryLayout<Bits>.size {
      guard record.endIndex - position >= 4 else { throw damaged }
      let count = (0..<4).reduce(0) { $0 | Int(record[position + $1]) << (8 * $1) }
      position += 4
      guard count <= record.endIndex - position else { throw damaged }
      if count == 0 { continue }
      try record[position..<(position + count)].withUnsafeBytes { frame in
        try plane.withUnsafeMutableBytes { try Zstandard.decompress(frame, to: $0) }
      }
      position += count
      let shift = Bits(byte * 8)
      for index in residues.indices { residues[index] |= Bits(plane[index]) << shift }
    }
  }

  static var damaged: Diagnostic {
    Diagnostic(
      .badData, "the record that would undo its patches is damaged",
      remedy: "take another copy of the file")
  }
}
