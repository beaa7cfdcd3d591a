/// Decides where the buffers of a program lie, so that buffers that are never alive together share
/// memory.
///
/// Each buffer is alive from the first command that touches it to the last. Buffers are placed
/// largest first, each at the lowest offset where it meets no other that is alive at the same time
/// (greedy by size: Pisarchyk and Lee, "Efficient memory management for deep neural net
/// inference", 2020, section 5).
struct MemoryPlan {
  /// A buffer and the commands between which it is alive.
  private struct Span {
    var buffer: Buffer
    var first: Int
    var last: Int
    var offset = 0
    var end: Int { offset + MemoryPlan.rounded(buffer.byteCount) }
  }

  private var spans: [Span] = []
  private var known: [ObjectIdentifier: Int] = [:]

  /// Notes that a command touches a buffer. Commands are noted in the order of running.
  mutating func use(_ buffer: Buffer, at tick: Int) {
    guard buffer.address == nil else { return }
    if let index = known[ObjectIdentifier(buffer)] {
      spans[index].last = max(spans[index].last, tick)
      spans[index].first = min(spans[index].first, tick)
    } else {
      known[ObjectIdentifier(buffer)] = spans.count
      spans.append(Span(buffer: buffer, first: tick, last: tick))
    }
  }

  /// Allocates, and gives every buffer its place.
  ///
  /// - Complexity: O(n²) for n buffers.
  mutating func allocate() -> AlignedMemory {
    for index in spans.indices where spans[index].buffer.isPinned {
      spans[index].first = .min
      spans[index].last = .max
    }
    let sizes = spans.map(\.buffer.byteCount)
    let order = spans.indices.sorted { (sizes[$0], $1) > (sizes[$1], $0) }
    var placed: [Int] = []
    var total = 0
    for index in order {
      var offset = 0
      let span = spans[index]
      for place in placed {
        let other = spans[place]
        guard other.first <= span.last, span.first <= other.last else { continue }
        if offset + MemoryPlan.rounded(span.buffer.byteCount) <= other.offset { break }
        offset = max(offset, other.end)
      }
      spans[index].offset = offset
      total = max(total, spans[index].end)
      var position = placed.count
      while position > 0, spans[placed[position - 1]].offset > offset { position -= 1 }
      placed.insert(index, at: position)
    }
    let memory = AlignedMemory(byteCount: total)
    for span in spans { span.buffer.place(at: memory.base + span.offset) }
    return memory
  }

  private static func rounded(_ byteCount: Int) -> Int { (byteCount + 63) & ~63 }
}
