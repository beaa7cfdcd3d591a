import CLinux
import Glibc
import Support
import Tensors

/// A file without a name that what is unpacked is written to: in memory as long as there is a share of
/// it, then on disk. Used by one thread.
package final class UnpackedFile {
  private let label: String
  private var file: OpenFile
  private var share: ScratchMemory.Share?
  /// How many bytes it has.
  private(set) var byteCount = 0

  /// Makes an empty file.
  ///
  /// - Parameters:
  ///   - label: what the system calls it.
  ///   - expected: how large it will be, as far as is known.
  ///   - onDisk: whether it is on disk in any case.
  /// - Throws: `Diagnostic` of code `failed`, without a location.
  package init(_ label: String, expecting expected: Int = 0, onDisk: Bool = false) throws {
    self.label = label
    let share = ScratchMemory.Share()
    let isInMemory = !onDisk && expected <= ScratchMemory.limit
    file = try ScratchFile.make(label, onDisk: !isInMemory)
    self.share = isInMemory ? share : nil
  }

  /// Whether it is on disk by now.
  package var isOnDisk: Bool { share == nil }

  /// Adds bytes at the end.
  ///
  /// - Throws: `Diagnostic` of code `failed`, without a location, where there is no room.
  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    if let share, !share.grow(by: bytes.count) { try moveToDisk() }
    try write(bytes, at: byteCount)
    byteCount += bytes.count
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    do { try writeFully(bytes, to: file.descriptor, at: offset) } catch let error as Diagnostic {
      // No output is concerned: one model cannot be read.
      throw Diagnostic(
        .failed, "no room to unpack it: it \(error.message)",
        remedy: "set TMPDIR to a folder with room")
    }
  }

  private func moveToDisk() throws {
    let old = file
    file = try ScratchFile.make(label, onDisk: true)
    share = nil
    var buffer = ByteBuffer()
    var done = 0
    while done < byteCount {
      let piece = buffer.room(for: min(1 << 20, byteCount - done))
      // The old file knows the size that it had when it was empty.
      try OpenFile(owning: duplicate(old.descriptor), path: label).read(into: piece, at: done)
      try write(UnsafeRawBufferPointer(piece), at: done)
      done += piece.count
    }
  }

  /// The file, to be read.
  ///
  /// - Parameter path: what it is called in errors.
  package func opened(as path: String) throws -> OpenFile {
    try OpenFile(owning: duplicate(file.descriptor), path: path, share: share)
  }
}
