import Archives
import CLinux
import Glibc
import Support
import Tensors

/// Copies bytes of a file into another at an offset, by sharing blocks where the file system can.
///
/// - Throws: `Diagnostic`, without a location.
func copyRange(
  of source: OpenFile, from offset: Int, count: Int, to descriptor: Int32, at target: Int
) throws {
  let stored = try source.filledDescriptor()
  if source.member == nil, offset == 0, target == 0, count == source.byteCount,
    clinux_clone(stored, descriptor) == 0
  {
    return
  }
  var from = off_t(source.base + offset)
  var to = off_t(target)
  var rest = count
  while rest > 0 {
    let copied = clinux_copy_range(stored, &from, descriptor, &to, rest)
    if copied < 0 && errno == EINTR { continue }
    if copied < 0 && (errno == ENOSPC || errno == EDQUOT) {
      throw Diagnostic(
        .cannotWrite, "cannot be written: \(systemMessage(errno))",
        remedy: "make room and try again")
    }
    // Not between these file systems: by hand.
    if copied <= 0 { break }
    rest -= copied
  }
  var buffer = ByteBuffer()
  while rest > 0 {
    let piece = buffer.room(for: min(rest, 1 << 20))
    try source.read(into: piece, at: Int(from) - source.base)
    try writeFully(UnsafeRawBufferPointer(piece), to: descriptor, at: Int(to))
    from += off_t(piece.count)
    to += off_t(piece.count)
    rest -= piece.count
  }
}
