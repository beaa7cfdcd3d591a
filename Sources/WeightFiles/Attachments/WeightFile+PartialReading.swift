import Archives
public import Catalogs
import Support
import Tensors

extension WeightFile {
  /// Some elements of a tensor, little-endian, each by its index. Where the tensor is one run of
  /// bytes, only they are read.
  ///
  /// - Throws: `Diagnostic`: `usage` where there is no such element, `badData` where the data are
  ///   damaged.
  public func readElements(_ entry: TensorEntry, at indices: [Int]) throws -> [UInt8] {
    let size = entry.elementType.byteCount
    let count = entry.elementCount
    guard indices.allSatisfy({ (0..<count).contains($0) }) else {
      throw Diagnostic(.usage, "there is no such element", at: [catalog.file, entry.name])
    }
    var result: [UInt8] = []
    if let source = try directSource(of: entry) {
      var space = TensorSource.Space()
      for index in indices {
        try source.withBytes((index * size)..<((index + 1) * size), &space) { result += $0 }
      }
      return result
    }
    let bytes = try readBytes(entry)
    for index in indices { result += bytes[(index * size)..<((index + 1) * size)] }
    return result
  }

  /// The blocks of a list of bytes that went through zstd and no other filter, as they are stored, in
  /// order; nil where the tensor is stored in another way.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a block lies beyond the end of the file.
  public func storedBlocks(_ entry: TensorEntry) throws -> (blocks: [[UInt8]], byteCount: Int)? {
    guard case .chunked(let shape, let chunks) = entry.layout, entry.shape.count == 1,
      entry.elementType == .uint8, entry.filters.map(\.id) == [32015], let size = shape.first,
      size > 0, parts.indices.contains(entry.part),
      chunks.count == (entry.shape[0] + size - 1) / size
    else { return nil }
    let content = parts[entry.part]
    let sorted = chunks.sorted { ($0.origin.first ?? 0) < ($1.origin.first ?? 0) }
    var blocks: [[UInt8]] = []
    for (index, chunk) in sorted.enumerated() {
      guard chunk.origin == [index * size], chunk.filterMask == 0 else { return nil }
      guard chunk.offset >= 0, chunk.byteCount > 0, chunk.offset <= content.byteCount,
        chunk.byteCount <= content.byteCount - chunk.offset
      else {
        throw Diagnostic(
          .badData, "its block \(index) lies beyond the end of the file",
          at: [catalog.file, entry.name])
      }
      blocks.append(try content.bytes(at: chunk.offset, count: chunk.byteCount))
    }
    return (blocks, size)
  }
}
