import Foundation
import GRDB
import Support

/// An index that is read where other hosts may read it, too: without locks and shared memory, which
/// file systems of clusters do not have.
final class IndexCopy {
  /// The index.
  let index: ZooIndex
  private let folder: ScratchFolder?

  /// Opens an index at rest in place; one whose writer was killed, or is at work, as a copy of the
  /// moment.
  init(_ path: String) throws {
    if (FileStamp(of: path + "-wal")?.byteCount ?? 0) == 0 {
      folder = nil
      index = try ZooIndex.open(atRest: path)
      return
    }
    let name = "index.sqlite"
    let folder = try ScratchFolder(fileName: name, others: [name + "-wal", name + "-shm"])
    do {
      for suffix in ["", "-wal"] {
        try FileManager.default.copyItem(atPath: path + suffix, toPath: folder.file + suffix)
      }
    } catch {
      throw Diagnostic(
        .cannotWrite, "the index is being written, and cannot be copied", at: [path],
        remedy: "wait for the writer, or set TMPDIR to a folder with room")
    }
    self.folder = folder
    index = try ZooIndex.open(reading: folder.file)
  }

  deinit { try? index.close() }
}
