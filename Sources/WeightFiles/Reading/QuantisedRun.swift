import Archives
import Catalogs
import Support
import Tensors

/// The blocks of one quantised tensor, read range by range as Float32.
struct QuantisedRun: Sendable {
  /// The file.
  let file: OpenFile
  /// The type of the blocks.
  let type: QuantisedType
  /// Where the first one begins.
  let offset: Int
  /// Whether their scales are stored most significant byte first.
  let isBigEndian: Bool

  /// How many numbers are read at once: whole blocks of every type, and little enough to stay in a
  /// processor's cache.
  static let pieceCount = 64 << 10

  /// The blocks of an entry, which `TensorEntry.check` has found to lie in the file; nil where it is
  /// stored in another way.
  init?(_ entry: TensorEntry, in file: OpenFile) {
    guard case .quantised(let type, let offset) = entry.layout else { return nil }
    self.file = file
    self.type = type
    self.offset = offset
    isBigEndian = entry.isBigEndian
  }

  /// How many bytes are held besides the target while a piece is read.
  var heldByteCount: Int {
    (QuantisedRun.pieceCount / type.blockLength + 1) * type.blockByteCount
      + type.blockLength * MemoryLayout<Float>.size
  }

  /// Reads a range of numbers, which need not begin or end with a block.
  ///
  /// - Parameter target: memory of exactly their size, aligned for Float32.
  /// - Throws: `Diagnostic`, without a location, where the file ends before.
  /// - Complexity: O(numbers), and a block more at each end.
  func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws {
    let size = MemoryLayout<Float>.size
    var buffer = ByteBuffer()
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceCount) {
      let piece = start..<min(range.upperBound, start + Self.pieceCount)
      let end = (piece.upperBound + type.blockLength - 1) / type.blockLength
      let blocks = (piece.lowerBound / type.blockLength)..<end
      let stored = buffer.room(for: blocks.count * type.blockByteCount)
      try file.read(into: stored, at: offset + blocks.lowerBound * type.blockByteCount)
      let first = (start - range.lowerBound) * size
      put(
        stored, from: blocks.lowerBound, piece,
        into: UnsafeMutableRawBufferPointer(rebasing: target[first..<(first + piece.count * size)]))
    }
  }

  /// Puts the numbers of a range: whole blocks where they belong, parts of blocks by way of a copy.
  private func put(
    _ stored: UnsafeMutableRawBufferPointer, from firstBlock: Int, _ range: Range<Int>,
    into target: UnsafeMutableRawBufferPointer
  ) {
    let size = MemoryLayout<Float>.size
    let length = type.blockLength
    var place = range.lowerBound
    while place < range.upperBound {
      let block = place / length
      let begin = (block - firstBlock) * type.blockByteCount
      let to = (place - range.lowerBound) * size
      let whole = place.isMultiple(of: length) ? (range.upperBound - place) / length : 0
      if whole > 0 {
        let part = begin..<(begin + whole * type.blockByteCount)
        type.dequantise(
          UnsafeRawBufferPointer(rebasing: stored[part]),
          to: UnsafeMutableRawBufferPointer(rebasing: target[to..<(to + whole * length * size)]),
          isBigEndian: isBigEndian)
        place += whole * length
        continue
      }
      let end = min(range.upperBound, (block + 1) * length)
      withUnsafeTemporaryAllocation(byteCount: length * size, alignment: size) { numbers in
        type.dequantise(
          UnsafeRawBufferPointer(rebasing: stored[begin..<(begin + type.blockByteCount)]),
          to: numbers, isBigEndian: isBigEndian)
        let part = ((place - block * length) * size)..<((end - block * length) * size)
        UnsafeMutableRawBufferPointer(rebasing: target[to..<(to + part.count)])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: numbers[part]))
      }
      place = end
    }
  }
}
