import Glibc

/// Asks for large pages below a buffer that is about to be filled: the first touch of each page is
/// most of the time that a large plain read takes. Only advice; nothing depends on it.
package func adviseHugePages(_ buffer: UnsafeMutableRawBufferPointer) {
  let pageByteCount = 2 << 20
  guard buffer.count >= 2 * pageByteCount, let start = buffer.baseAddress else { return }
  // The address must be that of a small page; only whole large pages within are affected.
  let first = UInt(bitPattern: start)
  let aligned = (first + 4095) & ~4095
  guard let address = UnsafeMutableRawPointer(bitPattern: aligned) else { return }
  madvise(address, buffer.count - Int(aligned - first), MADV_HUGEPAGE)
}
