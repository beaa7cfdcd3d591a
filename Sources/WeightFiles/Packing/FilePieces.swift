import Archives
import Catalogs
import Formats
import Support
public import Tensors

/// A weight file taken apart into tensors and everything between them, so that both can be stored
/// in other ways and put together again byte for byte.
///
/// A tensor that cannot be made again exactly from its elements, such as one that another library
/// compressed, stays among the bytes in between.
public struct FilePieces: Sendable, Codable {
  /// A tensor that was taken out.
  public struct Piece: Sendable, Codable {
    /// Its name in the file.
    public var name: String
    /// The lengths of its axes.
    public var shape: [Int]
    /// The name of its elements' type.
    public var type: String
    /// Where its bytes begin, where they are one run.
    var offset: Int?
    /// The shape of its blocks, where it is stored in blocks.
    var chunkShape: [Int]?
    /// For each block its offset, size and filter mask.
    var chunks: [[Int]]?
    /// The blocks' filters: for each its number and parameters.
    var filters: [[Int]]?

    /// The type of its elements; nil where there is no such type.
    public var elementType: ElementType? { ElementType(rawValue: type) }
    /// What two tensors of different files must have in common to be compared.
    public var key: String { "\(name) \(type) \(shape)" }
    /// The size of its elements; nil where that is absurd.
    public var byteCount: Int? {
      elementType.flatMap { checkedProduct(shape + [$0.byteCount]) }
    }
  }

  /// The size of the file.
  public var byteCount: Int
  /// The tensors, by their places in the file.
  public var pieces: [Piece]
}

extension FilePieces {
  /// Takes a file apart.
  ///
  /// - Returns: the pieces, with the elements of each as the file stores them, and the bytes between.
  /// - Throws: `Diagnostic` where the file cannot be read.
  public static func takingApart(
    _ file: WeightFile
  ) throws -> (pieces: FilePieces, elements: [[UInt8]], rest: [UInt8]) {
    let whole = file.file
    var found: [(piece: Piece, elements: [UInt8], ranges: [Range<Int>])] = []
    if file.parts.count == 1, file.parts[0] === whole {
      for entry in file.catalog.tensors {
        if let taken = try take(entry, of: file) { found.append(taken) }
      }
    }
    found.sort {
      ($0.ranges[0].lowerBound, $0.piece.name) < ($1.ranges[0].lowerBound, $1.piece.name)
    }
    // Tensors that share bytes stay where they are, all but the first.
    var taken = DisjointRanges()
    found = found.filter { candidate in
      guard candidate.ranges.allSatisfy({ !taken.overlaps($0) }) else { return false }
      for range in candidate.ranges { taken.insert(range) }
      return true
    }
    var rest: [UInt8] = []
    for gap in gaps(taken.ranges, in: whole.byteCount) {
      rest += try whole.bytes(at: gap.lowerBound, count: gap.count)
    }
    let pieces = FilePieces(byteCount: whole.byteCount, pieces: found.map(\.piece))
    return (pieces, found.map(\.elements), rest)
  }

  /// Puts a file together again.
  ///
  /// - Parameters:
  ///   - elements: those of each piece.
  ///   - rest: the bytes between them.
  /// - Throws: `Diagnostic` of code `badData`, without a location, where the parts do not fit.
  public func joined(_ elements: [[UInt8]], rest: [UInt8]) throws -> [UInt8] {
    let misfit = Diagnostic(.badData, "its parts do not fit together")
    guard elements.count == pieces.count, byteCount >= rest.count else { throw misfit }
    var blocks: [(range: Range<Int>, bytes: [UInt8])] = []
    for (piece, elements) in zip(pieces, elements) {
      guard piece.byteCount == elements.count else { throw misfit }
      blocks += try piece.blocks(of: elements)
    }
    blocks.sort { $0.range.lowerBound < $1.range.lowerBound }
    var result: [UInt8] = []
    var used = 0
    for block in blocks {
      let gap = block.range.lowerBound - result.count
      guard gap >= 0, used + gap <= rest.count, block.range.count == block.bytes.count else {
        throw misfit
      }
      result += rest[used..<(used + gap)]
      used += gap
      result += block.bytes
    }
    result += rest[used...]
    guard result.count == byteCount else { throw misfit }
    return result
  }

  /// What is between ranges that do not overlap.
  private static func gaps(_ ranges: [Range<Int>], in count: Int) -> [Range<Int>] {
    var gaps: [Range<Int>] = []
    var place = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if place < range.lowerBound { gaps.append(place..<range.lowerBound) }
      place = range.upperBound
    }
    if place < count { gaps.append(place..<count) }
    return gaps
  }

  /// A tensor's elements, where the file's bytes can be made of them again.
  private static func take(
    _ entry: TensorEntry, of file: WeightFile
  ) throws -> (piece: Piece, elements: [UInt8], ranges: [Range<Int>])? {
    guard let count = checkedProduct(entry.shape + [entry.elementType.byteCount]), count > 0 else {
      return nil
    }
    var piece = Piece(
      name: entry.name, shape: entry.shape, type: entry.elementType.rawValue)
    switch entry.layout {
    case .contiguous(let offset):
      piece.offset = offset
      let elements = try file.file.bytes(at: offset, count: count)
      return elements.count == count ? (piece, elements, [offset..<(offset + count)]) : nil
    case .chunked(let chunkShape, let chunks):
      piece.chunkShape = chunkShape
      piece.chunks = chunks.map { [$0.offset, $0.byteCount, Int($0.filterMask)] }
      piece.filters = entry.filters.map { [$0.id] + $0.parameters.map(Int.init) }
      guard FilterPipeline.unwritableFilter(of: entry) == nil else { return nil }
      var stored = entry
      stored.isBigEndian = false
      let elements = try file.readBytes(stored, jobs: 1)
      guard let blocks = try? piece.blocks(of: elements), blocks.count == chunks.count else {
        return nil
      }
      for block in blocks
      where try file.file.bytes(at: block.range.lowerBound, count: block.range.count)
        != block.bytes
      {
        return nil
      }
      return (piece, elements, blocks.map(\.range))
    case .strided, .inline, .unallocated, .quantised, .deflated, .negated: return nil
    }
  }
}

/// Ranges that do not overlap, in order.
private struct DisjointRanges {
  private(set) var ranges: [Range<Int>] = []

  /// The first one that ends behind a place.
  private func first(after place: Int) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound > place { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// - Complexity: O(log n).
  func overlaps(_ range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return false }
    let next = first(after: range.lowerBound)
    return next < ranges.count && ranges[next].lowerBound < range.upperBound
  }

  /// Adds one that overlaps none.
  ///
  /// - Complexity: O(log n) where it comes last, otherwise O(n).
  mutating func insert(_ range: Range<Int>) {
    if !range.isEmpty { ranges.insert(range, at: first(after: range.lowerBound)) }
  }
}

extension FilePieces.Piece {
  /// The runs of bytes of the file that elements become.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the description makes no sense.
  fileprivate func blocks(
    of elements: [UInt8]
  ) throws -> [(range: Range<Int>, bytes: [UInt8])] {
    let absurd = Diagnostic(.badData, "its description makes no sense", at: [name])
    if let offset {
      guard offset >= 0, offset <= Int.max - elements.count else { throw absurd }
      return [(offset..<(offset + elements.count), elements)]
    }
    guard let type = elementType, let chunkShape, let chunks, let filters,
      chunks.allSatisfy({ $0.count == 3 && $0[0] >= 0 && $0[1] >= 0 && $0[0] <= Int.max - $0[1] })
    else { throw absurd }
    let geometry = try ChunkGeometry(
      shape: shape, chunkShape: chunkShape, elementByteCount: type.byteCount)
    guard geometry.cellCount == chunks.count, geometry.byteCount == elements.count else {
      throw absurd
    }
    var entry = TensorEntry(
      name: name, shape: shape, elementType: type,
      layout: .chunked(chunkShape: chunkShape, chunks: []))
    entry.filters = filters.map { filter in
      TensorEntry.Filter(
        id: filter.first ?? 0, name: "",
        parameters: filter.dropFirst().map { UInt32(clamping: $0) })
    }
    let masks = Dictionary(
      uniqueKeysWithValues: chunks.enumerated().map { ($0.offset, UInt32(clamping: $0.element[2])) }
    )
    var blocks: [(range: Range<Int>, bytes: [UInt8])] = []
    try encodeChunks(
      of: elements, geometry: geometry, pipeline: FilterPipeline(entry), masks: masks, jobs: 1
    ) { _, _, block in
      let chunk = chunks[blocks.count]
      guard chunk[1] == block.count else { throw absurd }
      blocks.append((chunk[0]..<(chunk[0] + chunk[1]), block))
    }
    return blocks
  }
}
