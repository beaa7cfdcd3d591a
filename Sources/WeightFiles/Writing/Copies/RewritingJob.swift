import Catalogs
import CLinux
import Glibc
import Support
import Tensors

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
  /// Whether the copy is made in a folder that this process holds the lock of.
  var isAlone = false

  /// A tensor that is one run of bytes.
  struct Run: Sendable {
    /// Its place among those that change.
    var index: Int
    /// Where its elements are.
    var source: TensorSource
    /// Where the run begins in the copy.
    var target: Int
  }

  /// Changes one tensor, or two side by side, piece by piece.
  func rewrite(_ runs: [Run], to descriptor: Int32, _ space: inout Space) throws {
    do {
      var open = try runs.map { try OpenRun($0, self) }
      while true {
        for run in open where run.isDone { try run.rewriter.finish() }
        open.removeAll(where: \.isDone)
        if open.isEmpty { return }
        try Task.checkCancellation()
        let first = try open[0].read(&space.first, &space.reading)
        if open.count == 1 {
          try open[0].rewriter.rewrite(first)
        } else {
          let second = try open[1].read(&space.second, &space.reading)
          try open[0].rewriter.rewrite(first, beside: open[1].rewriter, second)
          try open[1].write(second, to: descriptor)
        }
        try open[0].write(first, to: descriptor)
      }
    } catch let error as Diagnostic {
      throw error.code == .cannotWrite ? error : error.inside(file.catalog.file)
    }
  }

  /// Runs, the largest first; two of about one size together where there is enough for all threads.
  func groups(of runs: [Run]) -> [[Run]] {
    let size = { (run: Run) in entries[run.index].byteCount }
    let ordered = runs.sorted { (size($0), $1.target) > (size($1), $0.target) }
    let width = runs.count < 4 * max(1, jobs ?? Parallel.processorCount) ? 1 : 2
    return stride(from: 0, to: ordered.count, by: width).map { start in
      Array(ordered[start..<min(start + width, ordered.count)])
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
        }
      } catch let error as Diagnostic {
        throw error.inside(file.catalog.file)
      }
      return WeightFile.Change(of: entry, to: bytes)
    }
  }

  /// Buffers that one thread reuses.
  struct Space: ~Copyable {
    var reading = TensorSource.Space()
    var first = ByteBuffer()
    var second = ByteBuffer()
  }
}

/// Pieces of bytes as one array.
package func joined(_ pieces: [[UInt8]]) -> [UInt8] {
  var all: [UInt8] = []
  all.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
  for piece in pieces { all += piece }
  return all
}
