import Archives
import CElements
import CPatching
import Support

/// The symbols and escapes of one piece of a tensor, in memory that is used again for the next one.
struct UndoBuffer: ~Copyable {
  private let symbols: UnsafeMutableBufferPointer<UInt8>
  private let packed: UnsafeMutableBufferPointer<UInt8>
  private let escapes: UnsafeMutableBufferPointer<UInt8>
  private var symbolCount = 0
  private var escapeByteCount = 0
  /// How much of both has been used up.
  private var symbolsTaken = 0
  private var escapesTaken = 0
  private var compressor: ZstandardCompressor

  /// The longest that one escape can be.
  private static let longestEscape = 10

  init() throws {
    compressor = try ZstandardCompressor()
    let count = UndoRecord.pieceCount
    // The kernels write them eight at once.
    symbols = .allocate(capacity: count + 8)
    packed = .allocate(capacity: count / 4)
    // Of this only what is written takes memory.
    escapes = .allocate(capacity: UndoBuffer.longestEscape * count)
  }

  deinit {
    symbols.deallocate()
    packed.deallocate()
    escapes.deallocate()
  }

  /// Patches elements of the piece, and notes their residues.
  mutating func patch(
    _ elements: UnsafeMutableRawBufferPointer, _ type: WSLElementType, count: Int,
    add: UnsafePointer<Double>, keep: Double
  ) {
    guard let first = symbols.baseAddress, let start = escapes.baseAddress,
      let base = elements.baseAddress
    else { return }
    var end: UnsafeMutablePointer<UInt8>? = start + escapeByteCount
    symbolCount += Int(
      wsl_patch_elements(type, base, add, keep, Int64(count), first + symbolCount, &end))
    escapeByteCount = end.map { $0 - start } ?? 0
  }

  /// Restores elements of the piece.
  ///
  /// - Throws: `Diagnostic` of code `badData` where there are fewer residues than that.
  mutating func restore(
    _ elements: UnsafeMutableRawBufferPointer, _ type: WSLElementType, count: Int,
    add: UnsafePointer<Double>, keep: Double
  ) throws {
    guard let first = symbols.baseAddress, let start = escapes.baseAddress,
      let base = elements.baseAddress
    else { return }
    var symbol: UnsafePointer<UInt8>? = UnsafePointer(first + symbolsTaken)
    var escape: UnsafePointer<UInt8>? = UnsafePointer(start + escapesTaken)
    let status = wsl_restore_elements(
      type, base, add, keep, Int64(count), &symbol, first + symbolCount, &escape,
      start + escapeByteCount)
    guard status == 0, let symbol, let escape else { throw UndoRecord.damaged }
    symbolsTaken = symbol - UnsafePointer(first)
    escapesTaken = escape - UnsafePointer(start)
  }

  /// Adds the piece to a record, and begins another.
  mutating func flush(to record: inout [UInt8]) throws {
    let packedCount = (symbolCount + 3) / 4
    wsl_pack_symbols(symbols.baseAddress, Int64(symbolCount), packed.baseAddress)
    let first = try frame(
      UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(packed)[..<packedCount]))
    let second = try frame(
      UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(escapes)[..<escapeByteCount]))
    for number in [symbolCount, first.count, escapeByteCount, second.count] {
      UndoRecord.append(number, to: &record)
    }
    record += first
    record += second
    (symbolCount, escapeByteCount) = (0, 0)
  }

  /// Takes the next piece from a record.
  ///
  /// - Parameters:
  ///   - count: the number of its elements.
  ///   - position: where the piece begins; moved behind it.
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  mutating func take(_ count: Int, from record: [UInt8], at position: inout Int) throws {
    symbolCount = try UndoRecord.number(in: record, at: &position, through: count)
    let packedCount = (symbolCount + 3) / 4
    let firstCount = try UndoRecord.number(in: record, at: &position, through: packedCount)
    escapeByteCount = try UndoRecord.number(
      in: record, at: &position, through: UndoBuffer.longestEscape * count)
    let secondCount = try UndoRecord.number(in: record, at: &position, through: escapeByteCount)
    (symbolsTaken, escapesTaken) = (0, 0)
    try UndoBuffer.unpack(record, at: &position, firstCount, to: packed, packedCount)
    wsl_unpack_symbols(packed.baseAddress, Int64(symbolCount), symbols.baseAddress)
    try UndoBuffer.unpack(record, at: &position, secondCount, to: escapes, escapeByteCount)
  }

  /// Checks that the whole piece was used.
  func checkUsed() throws {
    guard symbolsTaken == symbolCount, escapesTaken == escapeByteCount else {
      throw UndoRecord.damaged
    }
  }

  private mutating func frame(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
    guard bytes.contains(where: { $0 != 0 }) else { return [] }
    let frame = try compressor.compress(bytes, level: 1)
    return frame.count < bytes.count ? frame : Array(bytes)
  }

  private static func unpack(
    _ record: [UInt8], at position: inout Int, _ length: Int,
    to buffer: UnsafeMutableBufferPointer<UInt8>, _ count: Int
  ) throws {
    guard length <= record.count - position else { throw UndoRecord.damaged }
    let target = UnsafeMutableRawBufferPointer(
      rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count])
    if length == 0 {
      _ = target.initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    try record.withUnsafeBytes { all in
      let frame = UnsafeRawBufferPointer(rebasing: all[position..<(position + length)])
      if length == count {
        target.copyMemory(from: frame)
      } else {
        try Zstandard.decompress(frame, to: target)
      }
    }
    position += length
  }
}
