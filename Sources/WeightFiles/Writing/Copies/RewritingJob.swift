import CLinux
import Glibc
import WorkbenchCore

/// One copy on its way: the tensors that change, and how they come into the copy.
struct RewritingJob: Sendable {
  /// The file that is copied.
  let file: WeightFile
  /// The tensors that change.
  let entries: [TensorEntry]
  /// How.
  let rewriting: TensorRewriting
  /// How many threads work.
  let jobs: Int?

  /// How much is written before the disk is told to begin with it.
  private static let writebackByteCount = 8 << 20

  /// Changes a tensor that is one run of bytes, piece by piece.
  ///
  /// - Parameter target: where the run begins in the copy.
  func rewrite(
    _ index: Int, run source: TensorSource, to descriptor: Int32, at target: Int,
    _ space: inout Space
  ) throws {
    let entry = entries[index]
    let count = try TensorReader.byteCount(of: entry)
    let length = rewriting.pieceCount * entry.elementType.byteCount
    do {
      let rewriter = try rewriting.rewriter(index)
      var (done, begun) = (0, 0)
      while done < count {
        try Task.checkCancellation()
        let range = done..<min(count, done + length)
        let piece = space.piece.room(for: range.count)
        try source.read(range, into: piece, &space.reading)
        try rewriter.rewrite(piece)
        if entry.isBigEndian {
          reverseElementBytes(piece, elementByteCount: entry.elementType.byteCount)
        }
        try writeFully(UnsafeRawBufferPointer(piece), to: descriptor, at: target + done)
        done = range.upperBound
        if done - begun >= RewritingJob.writebackByteCount || done == count {
          // A hint, so that the disk works while the next pieces are computed.
          _ = clinux_begin_writeback(descriptor, off_t(target + begun), off_t(done - begun))
          begun = done
        }
      }
      try rewriter.finish()
    } catch let error as Diagnostic {
      throw error.code == .cannotWrite ? error : error.inside(entry.name).inside(file.catalog.file)
    }
  }

  /// Changes tensors as a whole, in memory.
  func changedInMemory(_ indices: [Int]) throws -> [WeightFile.Change] {
    try Parallel.map(count: indices.count, jobs: jobs) { place in
      let index = indices[place]
      let entry = entries[index]
      var bytes = try file.readBytes(entry, jobs: 1)
      do {
        let rewriter = try rewriting.rewriter(index)
        let length = rewriting.pieceCount * entry.elementType.byteCount
        try bytes.withUnsafeMutableBytes { all in
          var done = 0
          while done < all.count {
            let range = done..<min(all.count, done + length)
            try rewriter.rewrite(UnsafeMutableRawBufferPointer(rebasing: all[range]))
            done = range.upperBound
          }
          try rewriter.finish()
          if entry.isBigEndian {
            reverseElementBytes(all, elementByteCount: entry.elementType.byteCount)
          }
        }
      } catch let error as Diagnostic {
        throw error.inside(entry.name).inside(file.catalog.file)
      }
      return WeightFile.Change(entry: entry, stored: bytes)
    }
  }

  /// Buffers that one thread reuses.
  struct Space: ~Copyable {
    var reading = TensorSource.Space()
    var piece = ByteBuffer()
  }
}
