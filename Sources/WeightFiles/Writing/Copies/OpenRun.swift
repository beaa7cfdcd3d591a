import Archives
import Catalogs
import CLinux
import Glibc
import Support
import Tensors

/// How far the change of a tensor that is one run of bytes has come.
struct OpenRun {
  /// What changes it.
  let rewriter: any TensorRewriter
  private let entry: TensorEntry
  private let run: RewritingJob.Run
  private let byteCount: Int
  private let pieceByteCount: Int
  private var done = 0
  private var begun = 0

  /// How much is written before the disk is told to begin with it.
  private static let writebackByteCount = 8 << 20

  init(_ run: RewritingJob.Run, _ job: RewritingJob) throws {
    self.run = run
    entry = job.entries[run.index]
    byteCount = try entry.checkedByteCount()
    pieceByteCount = job.rewriting.pieceCount * entry.elementType.byteCount
    rewriter = try job.rewriting.rewriter(run.index)
  }

  /// Whether all of it is written.
  var isDone: Bool { done == byteCount }

  /// Reads the next piece.
  func read(
    _ buffer: inout ByteBuffer, _ space: inout TensorSource.Space
  ) throws -> UnsafeMutableRawBufferPointer {
    let range = done..<min(byteCount, done + pieceByteCount)
    let piece = buffer.room(for: range.count)
    do { try run.source.read(range, into: piece, &space) } catch let error as Diagnostic {
      throw error.inside(entry.name)
    }
    return piece
  }

  /// Writes that piece, changed.
  mutating func write(_ piece: UnsafeMutableRawBufferPointer, to descriptor: Int32) throws {
    if entry.isBigEndian {
      reverseElementBytes(piece, elementByteCount: entry.elementType.byteCount)
    }
    try writeFully(UnsafeRawBufferPointer(piece), to: descriptor, at: run.target + done)
    done += piece.count
    if done - begun >= OpenRun.writebackByteCount || isDone {
      // A hint, so that the disk works while the next pieces are computed.
      _ = clinux_begin_writeback(descriptor, off_t(run.target + begun), off_t(done - begun))
      begun = done
    }
  }
}
