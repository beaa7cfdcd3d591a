import WorkbenchCore

extension RewritingJob {
  /// Which part of a file may be room left over in its header; more, and the copy is made again.
  private static let spared = 32
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
    let exact = 8 + (text.count + 7) / 8 * 8
    let count = content.byteCount - header.dataOffset
    if text.count <= start - 8, start - exact <= count / RewritingJob.spared {
      try SafeTensorsHeader.write(text, filledTo: start - 8, to: copy.descriptor)
      return copy
    }
    let moved = try another()
    let written = try OpenFile(owning: duplicate(copy.descriptor), path: copy.target)
    try copyRange(of: written, from: start, count: count, to: moved.descriptor, at: exact)
    try SafeTensorsHeader.write(text, filledTo: exact - 8, to: moved.descriptor)
    return moved
  }

  private enum Piece {
    case tensor(Int, TensorSource, offset: Int)
    case gap(Range<Int>)
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
    let shift = start - oldStart
    try forEachIndex(count: pieces.count, jobs: jobs, workspace: { Space() }) {
      [pieces] space, place in
      switch pieces[place] {
      case .tensor(let index, let source, let offset):
        try rewrite(index, run: source, to: descriptor, at: offset + shift, &space)
      case .gap(let range):
        try copyRange(
          of: content, from: range.lowerBound, count: range.count, to: descriptor,
          at: range.lowerBound + shift)
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
