import Glibc

/// Memory for numbers, on huge pages where it is large: a reduction walks it many times, and
/// small pages cost it address translations.
final class LargeBuffer<Scalar: ReductionScalar> {
  /// The first element, at the start of a cache line.
  let base: UnsafeMutablePointer<Scalar>

  /// Makes room for some numbers.
  ///
  /// - Parameter zeroed: whether they are 0; otherwise they must be written before they are read.
  init(count: Int, zeroed: Bool = true) {
    let bytes = count * MemoryLayout<Scalar>.stride
    let hugePage = 2 << 20
    let alignment = bytes >= 2 * hugePage ? hugePage : 64
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: alignment)
    // A hint: without it, the memory works as well.
    if alignment == hugePage { _ = madvise(memory, bytes / hugePage * hugePage, MADV_HUGEPAGE) }
    base = memory.bindMemory(to: Scalar.self, capacity: count)
    if zeroed { base.initialize(repeating: 0, count: count) }
  }

  deinit { base.deallocate() }
}
