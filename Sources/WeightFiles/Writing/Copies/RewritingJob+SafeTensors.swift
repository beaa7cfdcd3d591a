import CLinux
import Glibc
import Synchronization
import WorkbenchCore

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
    let header = try SafeTensorsHeader(content)
    let plain = try header.encoded(attachment: nil).count
    // In base 64, with the quotes and the name around it.
    let expected = rewriting.expectedAttachmentByteCount
    let start = 8 + (plain + (expected > 0 ? expected / 3 * 4 + 64 : 0) + 7) / 8 * 8
    try writeTensors(to: copy.descriptor, from: header.dataOffset, at: start)
    let text = try header.encoded(attachment: try rewriting.attachment())
    let count = content.byteCount - header.dataOffset
    let room = start - 8
    if text.count <= room, room - text.count <= max(64, count / RewritingJob.spared) {
      try SafeTensorsHeader.write(text, filledTo: room, to: copy.descriptor)
      return copy
    }
    // Whole blocks more or less, that the file system may move what is there without copying it.
    let block = RewritingJob.blockByteCount
    let shift =
      text.count > room
      ? (text.count - room + block - 1) / block * block : -((room - text.count) / block * block)
    let whole = try shifted(copy, by: shift, from: start, count: count, another)
    try SafeTensorsHeader.write(text, filledTo: room + shift, to: whole.descriptor)
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
    case tensor(Int, TensorSource, offset: Int)
    case gap(Range<Int>)

    var isGap: Bool {
      if case .gap = self { return true }
      return false
    }
  }

  private func writeTensors(to descriptor: Int32, from oldStart: Int, at start: Int) throws {
    let content = file.parts[0]
    var pieces: [Piece] = []
    var reached = oldStart
    let placed = try entries.enumerated().compactMap { index, entry in
      try file.directSource(of: entry).flatMap { source -> (Int, TensorSource, Range<Int>)? in
        guard case .contiguous(let offset) = entry.layout else { return nil }
        return (index, source, offset..<(offset + entry.byteCount))
      }
    }.sorted { $0.2.lowerBound < $1.2.lowerBound }
    for (index, source, range) in placed {
      appendGap(reached..<max(reached, range.lowerBound), to: &pieces)
      pieces.append(.tensor(index, source, offset: range.lowerBound))
      reached = range.upperBound
    }
    appendGap(reached..<content.byteCount, to: &pieces)
    // Gaps come last, and one at a time: two threads that write much into one file wait for each
    // other's turn, and burn a processor doing so.
    let gaps = pieces.filter(\.isGap)
    pieces = pieces.filter { !$0.isGap } + gaps
    let turn = Mutex(())
    let shift = start - oldStart
    try forEachIndex(count: pieces.count, jobs: jobs, workspace: { Space() }) {
      [pieces] space, place in
      switch pieces[place] {
      case .tensor(let index, let source, let offset):
        try rewrite(index, run: source, to: descriptor, at: offset + shift, &space)
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
