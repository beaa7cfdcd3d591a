import Archives
import Formats
import Glibc
import Support

/// The file beside a model that holds its attachment.
struct Sidecar {
  /// The attachment.
  let attachment: [UInt8]
  /// Whether its model has a mark; those that earlier versions wrote have none.
  let isMarked: Bool

  private static let head = Array("wsl-rws\n".utf8)
  private static let maximalByteCount = 4 << 30

  /// Reads a file; nil where there is none.
  init?(_ path: String) throws {
    guard access(path, F_OK) == 0 else { return nil }
    let file = try OpenFile(reading: path)
    guard file.byteCount <= Sidecar.maximalByteCount else {
      throw Diagnostic(
        .badData, "this is no record of patches", at: [path],
        remedy: "take another copy of the file")
    }
    let bytes = try file.bytes(at: 0, count: file.byteCount)
    isMarked = bytes.starts(with: Sidecar.head)
    attachment = isMarked ? Array(bytes.dropFirst(Sidecar.head.count)) : bytes
  }

  /// The name under which the record of a model's next version waits for the model to take its place.
  /// A process that is ended between the two leaves it there: it is then the model's.
  static func nextPath(of path: String) -> String { path + ".new" }

  /// Gives a model's new version its name, and its attachment a file beside it. At any time there is a
  /// file beside the model that is the model's own.
  ///
  /// - Parameters:
  ///   - copy: the model, whole but for its mark.
  ///   - isAlone: whether it is made in a folder that this process holds the lock of.
  /// - Throws: `Diagnostic` of code `cannotWrite`; the model and its attachment are then as they were.
  static func commit(
    _ copy: TemporaryFile, _ attachment: [UInt8]?, isAlone: Bool = false
  ) throws {
    let path = WeightFile.sidecarPath(of: copy.target)
    let next = nextPath(of: path)
    // Two of these at once would give one the file of the other.
    let lock = isAlone ? nil : FolderLock(of: copy.target)
    defer { withExtendedLifetime(lock) {} }
    if copy.existing == .refuse, access(path, F_OK) == 0 { throw TemporaryFile.exists(path) }
    guard let attachment else {
      _ = try AttachmentMark.write(nil, to: copy.descriptor, path: copy.target)
      try copy.commit()
      unlink(path)
      unlink(next)
      return
    }
    let isMarked = try AttachmentMark.write(
      AttachmentMark(of: attachment), to: copy.descriptor, path: copy.target)
    try AtomicFile.write((isMarked ? head : []) + attachment, to: next, overwrites: true)
    do { try copy.commit() } catch {
      unlink(next)
      throw error
    }
    guard rename(next, path) == 0 else {
      throw TemporaryFile.failure(errno, at: path, "cannot be given its name")
    }
    TemporaryFile.flush(folderOf: path)
  }
}

/// Keeps other processes from giving names in a folder at the same time, where the file system has
/// locks. It is waited for.
private final class FolderLock {
  private let descriptor: Int32

  init(of path: String) {
    descriptor = open(TemporaryFile.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0 { flock(descriptor, LOCK_EX) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
