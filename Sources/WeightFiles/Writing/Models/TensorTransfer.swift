import Archives
import Support

/// Puts tensors into a file whose layout is known, on several threads: each range of bytes has its
/// place, so that the result does not depend on who writes when.
struct TensorTransfer {
  /// How many threads work; nil means one a processor.
  var jobs: Int?
  /// How many bytes of tensors that must be decoded as a whole are held at once. A tensor that is
  /// larger is read in its order, or held alone.
  var budget: Int
  /// Whether a tensor that can only be held, and is larger, is an error.
  var isStrict = false

  /// Transfers as the options say.
  init(_ options: WritingOptions) {
    (jobs, budget, isStrict) = (options.jobs, options.budget, options.isStrict)
  }

  /// Transfers with so many threads and bytes.
  init(jobs: Int?, budget: Int) { (self.jobs, self.budget) = (jobs, budget) }

  private func opening(jobs: Int?) -> Opening {
    Opening(jobs: jobs, budget: budget, isStrict: isStrict)
  }

  /// How much is read and written at once of a tensor that is streamed.
  static let pieceByteCount = 2 << 20

  /// Calls `body` for tensors in their order, in groups whose sources fit into the budget.
  func forEachGroup(
    _ items: [ModelContents.Item], _ body: (Range<Int>, [TensorSource]) throws -> Void
  ) throws {
    var begin = 0
    while begin < items.count {
      var held = 0
      var end = begin
      while end < items.count {
        let cost = items[end].heldByteCount
        if end > begin, held + cost > budget { break }
        held += cost
        end += 1
      }
      try Task.checkCancellation()
      try body(begin..<end, try sources(items[begin..<end]))
      begin = end
    }
  }

  /// Opens tensors, and decodes those that must be.
  func sources(_ items: ArraySlice<ModelContents.Item>) throws -> [TensorSource] {
    var sources = [TensorSource?](repeating: nil, count: items.count)
    // Large tensors are decoded one after the other, each by all threads; the rest side by side.
    let large = items.indices.filter { items[$0].heldByteCount >= 4 << 20 }
    let small = items.indices.filter { items[$0].heldByteCount < 4 << 20 }
    for index in large {
      sources[index - items.startIndex] = try items[index].open(opening(jobs: jobs))
    }
    let opened = try Parallel.map(count: small.count, jobs: jobs) { [items] in
      try items[small[$0]].open(opening(jobs: 1))
    }
    for (index, source) in zip(small, opened) { sources[index - items.startIndex] = source }
    return sources.compactMap { $0 }
  }

  /// Writes every tensor at its offset.
  func write(_ items: [ModelContents.Item], to descriptor: Int32, at offsets: [Int]) throws {
    try forEachRange(items) { index, range, bytes in
      try writeFully(bytes, to: descriptor, at: offsets[index] + range.lowerBound)
    }
  }

  /// Calls `body`, on several threads, for ranges of bytes that together are all tensors.
  func forEachRange(
    _ items: [ModelContents.Item],
    _ body: @Sendable (Int, Range<Int>, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try forEachGroup(items) { group, sources in
      var pieces: [(item: Int, bytes: Range<Int>)] = []
      for index in group {
        let length = sources[index - group.lowerBound].pieceByteCount
        var start = 0
        while start < items[index].byteCount {
          let end = min(items[index].byteCount, start + length)
          pieces.append((index, start..<end))
          start = end
        }
      }
      try forEachIndex(count: pieces.count, jobs: jobs, workspace: { TensorSource.Space() }) {
        [pieces] space, index in
        let piece = pieces[index]
        let source = sources[piece.item - group.lowerBound]
        do {
          try source.withBytes(piece.bytes, &space) { bytes in
            try body(piece.item, piece.bytes, bytes)
          }
        } catch {
          source.fail(error)
          guard let error = error as? Diagnostic else { throw error }
          let name = items[piece.item].name
          throw error.location.contains(name) ? error : error.inside(name)
        }
      }
    }
  }
}
