import Support
import WeightFiles

/// The residues of one tensor, entropy-coded, piece by piece.
///
/// Of a piece: the number of symbols, the bytes of their frame, the number of bytes of escapes, and
/// those of their frame, each as LEB128, then both frames. Only elements that something is added to
/// have a symbol; four are in a byte. A frame of no bytes stands for zeros, one as long as what it
/// holds for that itself; every other is zstd's.
enum UndoRecord {
  /// The number of elements in a piece.
  static let pieceCount = 1 << 18

  static var damaged: Diagnostic {
    Diagnostic(
      .badData, "the record that would undo its patches is damaged",
      remedy: "take another copy of the file")
  }

  /// Adds a number to a record.
  static func append(_ number: Int, to record: inout [UInt8]) {
    var rest = UInt(number)
    while rest > 127 {
      record.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    record.append(UInt8(rest))
  }

  /// Takes a number of at most `bound` from a record.
  static func number(
    in record: [UInt8], at position: inout Int, through bound: Int
  ) throws -> Int {
    var number = 0
    for shift in stride(from: 0, to: 56, by: 7) {
      guard position < record.count else { throw damaged }
      let byte = record[position]
      position += 1
      number |= Int(byte & 127) << shift
      if byte < 128 {
        guard number <= bound else { throw damaged }
        return number
      }
    }
    throw damaged
  }
}
