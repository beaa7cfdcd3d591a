import WorkbenchCore

/// Reads the elements of one tensor as they are stored, without filters, into memory of the caller.
struct TensorReader {
  /// The file.
  let file: OpenFile
  /// The tensor.
  let entry: TensorEntry

  /// How much one thread reads at once of a contiguous tensor.
  private static let pieceByteCount = 4 << 20
  /// Tensors below this size are read by one thread: starting more takes longer than reading.
  private static let parallelByteCount = 1 << 20

  /// The size of the elements, checked.
  static func byteCount(of entry: TensorEntry) throws -> Int {
    guard let count = checkedProduct(entry.shape + [entry.elementType.byteCount]) else {
      throw Diagnostic(.badData, "its shape \(entry.shape) overflows")
    }
    return count
  }

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
  /// - Throws: `Diagnostic` of code `badData`, inside of the chunk where there is one.
  func read(into buffer: UnsafeMutableRawBufferPointer, jobs: Int?) throws {
    // Each thread writes ranges of its own, which the geometry of the blocks keeps apart.
    nonisolated(unsafe) let target = buffer
    adviseHugePages(buffer)
    let jobs = buffer.count < TensorReader.parallelByteCount ? 1 : jobs
    switch entry.layout {
    case .unallocated: fill(buffer)
    case .inline(let bytes):
      guard bytes.count == buffer.count else {
        throw Diagnostic(.badData, "it stores \(bytes.count) of \(buffer.count) bytes")
      }
      buffer.copyBytes(from: bytes)
    case .contiguous(let offset):
      try readRun(into: buffer, at: offset, jobs: jobs)
    case .strided(let offset, let strides):
      try readStrided(into: buffer, offset: offset, strides: strides, jobs: jobs)
    case .deflated(let run, let inner):
      try readDeflated(run, inner, into: buffer)
    case .chunked(let chunkShape, let chunks):
      let geometry = try ChunkGeometry(
        shape: entry.shape, chunkShape: chunkShape, elementByteCount: entry.elementType.byteCount)
      if chunks.count < geometry.cellCount ?? .max { fill(buffer) }
      let pipeline = FilterPipeline(entry)
      let inPairs = ChunkDecoder.inflatesPairs(chunks, of: geometry, through: pipeline)
      let width = inPairs ? 2 : 1
      try forEachIndex(
        count: (chunks.count + width - 1) / width, jobs: jobs, workspace: { try ChunkDecoder() }
      ) { [file] decoder, item in
        try Task.checkInterruption()
        let indices = (item * width)..<min(chunks.count, (item + 1) * width)
        for index in indices { try check(chunks[index], of: geometry, index: index) }
        var done = (false, false)
        if indices.count == 2 {
          done = try decoder.decodePair(
            chunks[item * 2], chunks[item * 2 + 1], of: geometry, from: file, into: target)
        }
        for index in indices where index % width == 0 ? !done.0 : !done.1 {
          do {
            try decoder.decode(
              chunks[index], of: geometry, through: pipeline, from: file, into: target)
          } catch let error as Diagnostic {
            throw error.inside("chunk \(index)")
          }
        }
      }
    }
  }

  /// Reads one run of bytes, in pieces that several threads take.
  func readRun(into buffer: UnsafeMutableRawBufferPointer, at offset: Int, jobs: Int?) throws {
    let (end, overflow) = offset.addingReportingOverflow(buffer.count)
    guard offset >= 0, !overflow, end <= file.byteCount else {
      throw Diagnostic(.badData, "its data lie beyond the end of the file")
    }
    // Each piece is a range of its own.
    nonisolated(unsafe) let target = buffer
    let size = TensorReader.pieceByteCount
    let pieces = (buffer.count + size - 1) / size
    try Parallel.forEach(count: pieces, jobs: jobs) { [file] piece in
      try Task.checkInterruption()
      let range = (piece * size)..<min(target.count, (piece + 1) * size)
      try file.read(
        into: UnsafeMutableRawBufferPointer(rebasing: target[range]),
        at: offset + range.lowerBound)
    }
  }

  private func check(_ chunk: TensorEntry.Chunk, of geometry: ChunkGeometry, index: Int) throws {
    guard geometry.contains(origin: chunk.origin), chunk.offset >= 0, chunk.byteCount >= 0,
      chunk.offset <= file.byteCount, chunk.byteCount <= file.byteCount - chunk.offset
    else {
      throw Diagnostic(
        .badData, "it lies beyond the end of the tensor or the file", at: ["chunk \(index)"])
    }
  }

  /// Gives every element the fill value.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    let value = entry.fillValue
    guard !value.isEmpty, value.contains(where: { $0 != 0 }) else {
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    var done = value.count
    guard done <= buffer.count else { return }
    buffer.copyBytes(from: value)
    // What is filled doubles.
    while done < buffer.count {
      let count = min(done, buffer.count - done)
      UnsafeMutableRawBufferPointer(rebasing: buffer[done..<(done + count)])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
      done += count
    }
  }
}

extension Task where Success == Never, Failure == Never {
  /// Ends reading between two blocks where the task was cancelled.
  fileprivate static func checkInterruption() throws {
    if isCancelled { throw Diagnostic(.interrupted, "interrupted") }
  }
}
