import CLinux
import Glibc
import Support

/// A file without a name, in memory, that goes away with its descriptor: for what passes between
/// this process and the worker.
package enum ScratchFile {
  /// Makes one.
  ///
  /// - Parameter onDisk: whether it is in the folder for temporary files, for what may be large.
  package static func make(_ label: String, onDisk: Bool = false) throws -> OpenFile {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let descriptor = onDisk ? clinux_unnamed_file(folder) : clinux_memory_file(label)
    guard descriptor >= 0 else {
      throw Diagnostic(
        .failed,
        onDisk
          ? "no temporary file can be made in \(folder): \(systemMessage(errno))"
          : "no memory for a file: \(systemMessage(errno))",
        remedy: onDisk ? "set TMPDIR to a folder with room" : nil)
    }
    return try OpenFile(owning: descriptor, path: label)
  }
}

/// Writes all bytes at an offset.
///
/// - Throws: `Diagnostic` of code `cannotWrite`, without a location.
package func writeFully(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int)
  throws
{
  var done = 0
  while done < bytes.count {
    let count = pwrite(
      descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else {
      let number = errno
      throw Diagnostic(
        .cannotWrite, "cannot be written: \(systemMessage(number))",
        remedy: number == ENOSPC || number == EDQUOT ? "make room and try again" : nil)
    }
    done += count
  }
}
