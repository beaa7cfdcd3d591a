import Archives
import CLinux
import Catalogs
import Glibc
import Support
import Synchronization

extension RewritingJob {
  /// Which part of a file may be room left over in its header; more, and the tensors are moved.
  private static let spared = 32
  /// The unit in which they are: the blocks of common file systems.
  private static let blockByteCount = 4096
  /// How much one thread copies at once of what does not change.
  private static let gapByteCount = 64 << 20

  /// Writes a copy of a safetensors file. The attachment stands before the tensors and is known after
  /// them: its place is left open, and where it does not fit, the tensors are moved.
  ///
  /// - Parameters:
  ///   - copy: where to write.
  ///   - another: makes another such file, to move to.
  /// - Returns: the file that is whole.
  func writeSafetensors(
    to copy: TemporaryFile, another: () throws -> TemporaryFile
  ) throws -> TemporaryFile {
    let content = file.parts[0]
    let header = try SafeTensorsHeader(content, attachment: file.catalog.attachment)
    let plain = try header.text(attachmentByteCount: nil).byteCount
    // In base 64, with the quotes and the name around it.
    let expected = rewriting.expectedAttachmentByteCount
    let start = 8 + (plain + (expected > 0 ? expected / 3 * 4 + 64 : 0) + 7) / 8 * 8
    try writeTensors(to: copy.descriptor, from: header.dataOffset, at: start)
    let attachment = try rewriting.attachment()
    let text = try header.text(
      attachmentByteCount: attachment.map { $0.reduce(0) { $0 + $1.count } })
    let pieces = attachment ?? []
    let count = content.byteCount - header.dataOffset
    let room = start - 8
    let length = text.byteCount
    if length <= room, room - length <= max(64, count / RewritingJob.spared) {
      try SafeTensorsHeader.write(
        text, attachment: pieces, filledTo: room, to: copy.descriptor, jobs: jobs)
      return copy
    }
    // Whole blocks more or less, that the file system may move what is there without copying it.
    let block = RewritingJob.blockByteCount
    let shift =
      length > room
      ? (length - room + block - 1) / block * block : -((room - length) / block * block)
    let whole = try shifted(copy, by: shift, from: start, count: count, another)
    try SafeTensorsHeader.write(
      text, attachment: pieces, filledTo: room + shift, to: whole.descriptor, jobs: jobs)
    return whole
  }

  /// Moves the tensors within the copy, or to another file.
  private func shifted(
    _ copy: TemporaryFile, by shift: Int, from start: Int, count: Int,
    _ another: () throws -> TemporaryFile
  ) throws -> TemporaryFile {
    if shift == 0 || clinux_shift_content(copy.descriptor, off_t(shift)) == 0 { return copy }
    let moved = try another()
    let written = try OpenFile(owning: duplicate(copy.descriptor), path: copy.target)
    try copyRange(of: written, from: start, count: count, to: moved.descriptor, at: start + shift)
    return moved
  }

  private enum Piece {
    case tensors([Run])
    case gap(Range<Int>)
  }

  private func writeTensors(to descriptor: Int32, from oldStart: Int, at start: Int) throws {
    let content = file.parts[0]
    let shift = start - oldStart
    var runs: [Run] = []
    // Gaps come last, and one at a time: two threads that write much into one file wait for each
    // other's turn, and burn a processor doing so.
    var gaps: [Piece] = []
    var reached = oldStart
    let placed = try entries.enumerated().compactMap { index, entry in
      try file.directSource(of: entry).flatMap { source -> (Int, TensorSource, Range<Int>)? in
        guard case .contiguous(let offset) = entry.layout else { return nil }
        return (index, source, offset..<(offset + entry.byteCount))
      }
    }.sorted { $0.2.lowerBound < $1.2.lowerBound }
    for (index, source, range) in placed {
      appendGap(reached..<max(reached, range.lowerBound), to: &gaps)
      runs.append(Run(index: index, source: source, target: range.lowerBound + shift))
      reached = range.upperBound
    }
    appendGap(reached..<content.byteCount, to: &gaps)
    let pieces = groups(of: runs).map(Piece.tensors) + gaps
    let turn = Mutex(())
    try forEachIndex(count: pieces.count, jobs: jobs, workspace: { Space() }) {
      space, place in
      switch pieces[place] {
      case .tensors(let runs):
        try rewrite(runs, to: descriptor, &space)
      case .gap(let range):
        try turn.withLock { _ in
          try copyRange(
            of: content, from: range.lowerBound, count: range.count, to: descriptor,
            at: range.lowerBound + shift)
          _ = clinux_begin_writeback(
            descriptor, off_t(range.lowerBound + shift), off_t(range.count))
        }
      }
    }
  }

  private func appendGap(_ range: Range<Int>, to pieces: inout [Piece]) {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(range.upperBound, start + RewritingJob.gapByteCount)
      pieces.append(.gap(start..<end))
      start = end
    }
  }
}
