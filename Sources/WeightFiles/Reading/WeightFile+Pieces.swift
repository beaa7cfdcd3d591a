import Archives
public import Catalogs
import Formats
import Support
import Tensors

extension WeightFile {
  /// Tensors up to this size are simply read.
  private static let wholeByteCount = 16 << 20

  /// Tensors in blocks only up to this size: clearing memory for all of one takes longer than reading it
  /// through a small window.
  private static let wholeBlocksByteCount = 4 << 20

  /// What is held of a larger tensor while its pieces are read, where no other limit is given.
  private static let usualBudget = 64 << 20

  /// Calls `body` for the elements of a tensor, little-endian, piece by piece in their order. What is
  /// held does not grow with the tensor.
  ///
  /// - Parameters:
  ///   - entry: a tensor of this file's catalogue.
  ///   - jobs: how many threads decode; nil means one a processor.
  ///   - budget: how many bytes may be held; nil for a usual size, which what can only be read as a whole
  ///     exceeds.
  ///   - body: takes whole elements: all pieces but the last hold a multiple of 64 of them.
  /// - Throws: `Diagnostic`: `badData` where the data are damaged; `failed` where the tensor can only be
  ///   read with more memory, before that is taken; whatever `body` throws.
  /// - Complexity: O(elements).
  public func forEachPiece(
    of entry: TensorEntry, jobs: Int? = nil, budget: Int? = nil,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let count = try entry.checkedByteCount()
    if count == 0 { return }
    let held = budget ?? WeightFile.usualBudget
    if count > min(held, WeightFile.wholeBlocksByteCount),
      let stream = try windows(of: entry, jobs: jobs, budget: held)
    {
      return try forEachWindow(of: stream, entry, body)
    }
    if count <= min(held, WeightFile.wholeByteCount), try heldByteCount(of: entry) > 0 {
      return try readBytes(entry, jobs: jobs).withUnsafeBytes(body)
    }
    // A run is not checked where ranges of it are read.
    if case .contiguous = entry.layout, parts.indices.contains(entry.part) {
      do { try entry.checkedRun?.verify(parts[entry.part]) } catch let error as Diagnostic {
        throw error.inside(entry.name).inside(catalog.file)
      }
    }
    let source = try source(
      of: entry, Opening(jobs: jobs, budget: held, isStrict: budget != nil))
    var space = TensorSource.Space()
    let unit = 64 * entry.elementType.byteCount
    let length = max(unit, min(source.pieceByteCount, held / 4) / unit * unit)
    var start = 0
    while start < count {
      try Task.checkCancellation()
      let end = min(count, start + length)
      do { try source.withBytes(start..<end, &space, body) } catch let error as Diagnostic {
        throw error.location.first == catalog.file
          ? error : error.inside(entry.name).inside(catalog.file)
      }
      start = end
    }
  }

  /// The blocks of a tensor window by window, where each of them is decoded once within the budget; nil
  /// where it is read in another way.
  private func windows(of entry: TensorEntry, jobs: Int?, budget: Int) throws -> ChunkStream? {
    guard case .chunked = entry.layout, parts.indices.contains(entry.part),
      TensorReader(file: parts[entry.part], entry: entry).isDecodable
    else { return nil }
    do {
      let stream = try ChunkStream(parts[entry.part], entry, jobs: jobs, budget: budget)
      return stream.decodesOnce && stream.windowsAreGroups ? stream : nil
    } catch let error as Diagnostic where error.code == .failed {
      // Not even one block fits; what becomes of that depends on how strict the budget is.
      return nil
    } catch let error as Diagnostic {
      throw error.inside(entry.name).inside(catalog.file)
    }
  }

  private func forEachWindow(
    of stream: ChunkStream, _ entry: TensorEntry, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    do {
      var isDone = false
      while !isDone {
        try Task.checkInterruption()
        isDone = try !stream.withNextWindow { bytes in
          if entry.isBigEndian {
            reverseElementBytes(bytes, elementByteCount: entry.elementType.byteCount)
          }
          try body(UnsafeRawBufferPointer(bytes))
        }
      }
    } catch let error as Diagnostic {
      throw error.location.first == catalog.file
        ? error : error.inside(entry.name).inside(catalog.file)
    }
  }

  /// The same for numbers of Float32.
  ///
  /// - Parameter body: takes numbers: all pieces but the last hold a multiple of 64 of them.
  public func forEachPiece(
    of entry: TensorEntry, jobs: Int? = nil, budget: Int? = nil,
    floats body: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    var buffer = ByteBuffer()
    try forEachPiece(of: entry, jobs: jobs, budget: budget) { bytes in
      let count = bytes.count / entry.elementType.byteCount
      let floats = buffer.room(for: count * MemoryLayout<Float>.size).bindMemory(to: Float.self)
      entry.elementType.widen(bytes, to: floats)
      try body(UnsafeBufferPointer(floats))
    }
  }
}
