import Archives
import Catalogs
import Formats
package import Support
import Tensors

/// Reads the elements of one tensor without filters into memory of the caller: as they are stored, or
/// converted to Float32 block by block.
struct TensorReader {
  /// The file.
  let file: OpenFile
  /// The tensor.
  var entry: TensorEntry
  /// What bounds the bytes in flight.
  var budget: MemoryBudget?

  /// How much one thread reads at once of a contiguous tensor.
  private static let pieceByteCount = 4 << 20
  /// Tensors below this size are read by one thread: starting more takes longer than reading.
  private static let parallelByteCount = 1 << 20

  /// Whether all blocks can be decoded here.
  var isDecodable: Bool {
    guard case .chunked(_, let chunks) = entry.layout, !entry.filters.isEmpty else { return true }
    let pipeline = FilterPipeline(entry)
    var known: Set<UInt32> = []
    return chunks.allSatisfy { chunk in
      !known.insert(chunk.filterMask).inserted || pipeline.decodes(mask: chunk.filterMask)
    }
  }

  /// Reads all elements into a buffer of exactly their size.
  ///
  /// - Parameter widens: whether the elements become Float32, of which the buffer holds as many.
  /// - Throws: `Diagnostic` of code `badData`, inside of the chunk where there is one.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, widens: Bool = false, jobs: Int?
  ) throws {
    // Each thread writes ranges of its own, which the geometry of the blocks keeps apart.
    let sink = ElementSink(
      target: buffer, widenedType: widens ? entry.elementType : nil,
      isBigEndian: entry.isBigEndian)
    let byteCount = try entry.checkedByteCount()
    adviseHugePages(buffer)
    let jobs = buffer.count < TensorReader.parallelByteCount ? 1 : jobs
    switch entry.layout {
    case .unallocated: fill(sink, byteCount)
    case .inline(let bytes):
      guard bytes.count == byteCount else {
        throw Diagnostic(.badData, "it stores \(bytes.count) of \(byteCount) bytes")
      }
      var bytes = bytes
      bytes.withUnsafeMutableBytes { sink.put($0, at: 0) }
    case .contiguous(let offset):
      try readRun(into: sink, byteCount, at: offset, jobs: jobs, checking: entry.checkedRun)
    case .quantised: try readQuantised(into: sink, jobs: jobs)
    case .strided, .deflated, .negated:
      try entry.checkedRun?.verify(file)
      if let target = sink.bytes { return try readScattered(into: target, jobs: jobs) }
      try budget?.check(byteCount)
      try MachineMemory.check(byteCount)
      let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
      defer { stored.deallocate() }
      try readScattered(into: stored, jobs: jobs)
      sink.put(stored, at: 0)
    case .chunked(let chunkShape, let chunks):
      let geometry = try ChunkGeometry(
        shape: entry.shape, chunkShape: chunkShape, elementByteCount: entry.elementType.byteCount)
      if !geometry.isCovered(by: chunks) { fill(sink, byteCount) }
      let pipeline = FilterPipeline(entry)
      for chunk in chunks { try budget?.check(ChunkDecoder.byteCount(of: chunk, geometry)) }
      let inPairs = ChunkDecoder.inflatesPairs(chunks, of: geometry, through: pipeline)
      let width = inPairs ? 2 : 1
      try forEachIndex(
        count: (chunks.count + width - 1) / width, jobs: jobs, workspace: { try ChunkDecoder() }
      ) { [file, budget] decoder, item in
        try Task.checkInterruption()
        let indices = (item * width)..<min(chunks.count, (item + 1) * width)
        for index in indices {
          do { try chunks[index].check(geometry, in: file) } catch let error as Diagnostic {
            throw error.inside("chunk \(index)")
          }
        }
        // Two at once only where the budget leaves room for it.
        let need = indices.reduce(0) { $0 + ChunkDecoder.byteCount(of: chunks[$1], geometry) }
        var done = (false, false)
        if indices.count == 2, need <= budget?.byteCount ?? .max {
          done = try within(budget, need) {
            try decoder.decodePair(
              chunks[item * 2], chunks[item * 2 + 1], of: geometry, through: pipeline, from: file,
              into: sink)
          }
        }
        for index in indices where index % width == 0 ? !done.0 : !done.1 {
          do {
            try within(budget, ChunkDecoder.byteCount(of: chunks[index], geometry)) {
              try decoder.decode(
                chunks[index], of: geometry, through: pipeline, from: file, into: sink)
            }
          } catch let error as Diagnostic {
            throw error.inside("chunk \(index)")
          }
        }
      }
    }
  }

  /// Elements that do not lie as they are wanted.
  private func readScattered(into target: UnsafeMutableRawBufferPointer, jobs: Int?) throws {
    switch entry.layout {
    case .strided(let offset, let strides):
      try readStrided(into: target, offset: offset, strides: strides, jobs: jobs)
    case .deflated(let run, let inner): try readDeflated(run, inner, into: target)
    case .negated:
      var stored = self
      stored.entry = entry.asStored
      stored.entry.checkedRun = nil  // verified already
      guard !stored.entry.isNegated else { throw Diagnostic(.badData, "it is negated twice") }
      try stored.read(into: target, jobs: jobs)
      negateElements(target, entry.elementType, isBigEndian: entry.isBigEndian)
    case .chunked, .contiguous, .inline, .unallocated, .quantised: break
    }
  }

  /// Reads one run of bytes, in pieces that several threads take.
  private func readRun(
    into sink: ElementSink, _ byteCount: Int, at offset: Int, jobs: Int?,
    checking checkedRun: TensorEntry.CheckedRun? = nil
  ) throws {
    let (end, overflow) = offset.addingReportingOverflow(byteCount)
    guard offset >= 0, !overflow, end <= file.byteCount else {
      throw Diagnostic(.badData, "its data lie beyond the end of the file")
    }
    let size = TensorReader.pieceByteCount
    let pieces = (byteCount + size - 1) / size
    let checksum = checkedRun.flatMap {
      RunChecksum($0, elements: offset..<end, pieceCount: pieces)
    }
    try forEachIndex(count: pieces, jobs: jobs, workspace: { ByteBuffer() }) {
      [file, budget] own, piece in
      try Task.checkInterruption()
      let range = (piece * size)..<min(byteCount, (piece + 1) * size)
      if let target = sink.bytes {
        let part = UnsafeMutableRawBufferPointer(rebasing: target[range])
        try file.read(into: part, at: offset + range.lowerBound)
        checksum?.add(part, at: piece)
        return
      }
      let room = own.room(for: range.count)
      try within(budget, range.count) {
        try file.read(into: room, at: offset + range.lowerBound)
        checksum?.add(room, at: piece)
        sink.put(room, at: range.lowerBound)
      }
    }
    try checksum?.verify(file)
  }

  /// Reads one run of bytes as they are stored.
  func readRun(into buffer: UnsafeMutableRawBufferPointer, at offset: Int, jobs: Int?) throws {
    let sink = ElementSink(target: buffer, widenedType: nil, isBigEndian: false)
    try readRun(into: sink, buffer.count, at: offset, jobs: jobs)
  }

  /// Gives every element the fill value.
  private func fill(_ sink: ElementSink, _ byteCount: Int) {
    if sink.widenedType == nil { return entry.fill(sink.target) }
    var value = entry.fillValue
    guard !value.isEmpty, value.count <= byteCount else {
      sink.target.initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    value.withUnsafeMutableBytes { sink.put($0, at: 0) }
    let floats = sink.target.bindMemory(to: Float.self)
    floats.update(repeating: floats[0])
  }
}

/// Runs a piece of work while a budget, where there is one, has room for it.
package func within<Result>(
  _ budget: MemoryBudget?, _ byteCount: Int, _ body: () throws -> Result
) throws -> Result {
  guard let budget else { return try body() }
  return try budget.withBytes(byteCount, body)
}

extension Task where Success == Never, Failure == Never {
  /// Ends reading between two blocks where the task was cancelled.
  static func checkInterruption() throws {
    if isCancelled { throw Diagnostic(.interrupted, "interrupted") }
  }
}
