import CLinux
import Glibc
import WorkbenchCore

/// A file that is not there until it is finished: written without a name (or under a temporary one
/// where the file system has no unnamed files), flushed to disk, then given its name at once.
///
/// Whatever happens before `commit`, nothing is left; a signal's handler calls `Leftovers` for that.
final class TemporaryFile: Sendable {
  /// The descriptor, for reading and writing.
  let descriptor: Int32
  /// The path that the file will have.
  let target: String

  private let folder: String
  /// The temporary name, where one was needed.
  private let name: String?

  /// Makes a file for a path.
  ///
  /// - Parameters:
  ///   - target: the path that the file will have.
  ///   - overwrites: whether a regular file that is there may be replaced.
  ///   - inputs: files that may not be the target, under whatever name.
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  init(for target: String, overwrites: Bool, inputs: [OpenFile] = []) throws {
    guard !target.isEmpty, !target.hasSuffix("/"), !target.utf8.contains(0) else {
      throw Diagnostic(.cannotWrite, "this is not the name of a file", at: [target])
    }
    try TemporaryFile.check(target, overwrites: overwrites, inputs: inputs)
    self.target = target
    folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "./"
    let unnamed = clinux_unnamed_file(folder)
    if unnamed >= 0 {
      descriptor = unnamed
      name = nil
      return
    }
    let reason = errno
    guard [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(reason), access(folder, W_OK) == 0 else {
      throw TemporaryFile.failure(reason, at: target, "no file can be made in this folder")
    }
    let temporary = TemporaryFile.temporaryName(for: target)
    Leftovers.add(temporary)
    let named = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard named >= 0 else {
      throw TemporaryFile.failure(errno, at: target, "no file can be made in this folder")
    }
    descriptor = named
    name = temporary
  }

  deinit {
    close(descriptor)
    if let name { unlink(name) }  // Gone already where it was renamed.
  }

  /// Flushes the file to disk and gives it its name.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`; the target is then as it was.
  func commit(overwrites: Bool) throws {
    guard fsync(descriptor) == 0 else {
      throw TemporaryFile.failure(errno, at: target, "cannot be flushed to disk")
    }
    var status: Int32
    if let name {
      status = overwrites ? rename(name, target) : clinux_rename_new(name, target)
    } else if overwrites {
      let temporary = TemporaryFile.temporaryName(for: target)
      Leftovers.add(temporary)
      status = clinux_name_file(descriptor, temporary)
      if status == 0 {
        status = rename(temporary, target)
        if status != 0 {
          let reason = errno
          unlink(temporary)
          errno = reason
        }
      }
    } else {
      status = clinux_name_file(descriptor, target)
    }
    guard status == 0 else {
      throw errno == EEXIST
        ? TemporaryFile.exists(target)
        : TemporaryFile.failure(errno, at: target, "cannot be given its name")
    }
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    defer { close(directory) }
    // Some file systems cannot flush a folder; the file itself is on disk.
    fsync(directory)
  }

  private static func check(_ target: String, overwrites: Bool, inputs: [OpenFile]) throws {
    var status = stat()
    guard stat(target, &status) == 0 else { return }
    let kind = status.st_mode & S_IFMT
    let identity = OpenFile.Identity(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    if inputs.contains(where: { $0.identity == identity }) {
      throw Diagnostic(
        .cannotWrite, "the output is an input", at: [target], remedy: "give another output")
    }
    guard kind == S_IFREG else {
      let what = kind == S_IFDIR ? "there is a folder of that name" : "this is not a regular file"
      throw Diagnostic(.cannotWrite, what, at: [target], remedy: "give another output")
    }
    guard overwrites else { throw exists(target) }
  }

  private static func exists(_ target: String) -> Diagnostic {
    Diagnostic(
      .cannotWrite, "there is a file of that name already", at: [target],
      remedy: "give another output, or --force")
  }

  static func failure(_ number: Int32, at target: String, _ what: String) -> Diagnostic {
    let remedy =
      switch number {
      case ENOENT, ENOTDIR: "make the folder first"
      case EACCES, EPERM, EROFS: "check the folder's permissions"
      case ENOSPC, EDQUOT: "make room and try again"
      default: nil as String?
      }
    return Diagnostic(
      .cannotWrite, "\(what): \(systemMessage(number))", at: [target], remedy: remedy)
  }

  private static func temporaryName(for target: String) -> String {
    let slash = target.lastIndex(of: "/").map(target.index(after:)) ?? target.startIndex
    // The name itself may be as long as a name can be.
    let name = target[slash...].prefix(100)
    let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
    return "\(target[..<slash]).\(name).\(suffix)"
  }
}
