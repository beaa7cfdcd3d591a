import CLinux
import Glibc
package import Support

/// A file that is not there until it is finished: written without a name (or under a temporary one
/// where the file system has no unnamed files), flushed to disk, then given its name at once.
///
/// Whatever happens before `commit`, the target is as it was. What a process leaves that is ended by
/// force is a file `.NAME.wsl-new`, and goes with the next write to the same target: see
/// `TemporaryName`.
package final class TemporaryFile: Sendable {
  /// What may become of a file that has the target's name already.
  package enum Existing: Sendable {
    /// It is an error, found before any work.
    case refuse
    /// It is replaced.
    case replace
    /// It is replaced, also where it is one of the inputs.
    case replaceInput

    package init(overwrites: Bool) { self = overwrites ? .replace : .refuse }
  }

  /// The descriptor, for reading and writing.
  package let descriptor: Int32
  /// The path that the file will have.
  package let target: String

  /// What may become of a file that is there.
  package let existing: Existing
  /// The temporary name, where the file has had one from the beginning.
  private let name: TemporaryName?

  /// Makes a file for a path.
  ///
  /// - Parameters:
  ///   - target: the path that the file will have.
  ///   - overwrites: whether a regular file that is there may be replaced.
  ///   - inputs: files that may not be the target, under whatever name.
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  package convenience init(for target: String, overwrites: Bool, inputs: [OpenFile] = []) throws {
    try self.init(for: target, Existing(overwrites: overwrites), inputs: inputs)
  }

  /// The same.
  ///
  /// - Parameters:
  ///   - isSecond: whether there is another file for the same target, of which one will be given up.
  ///   - isNamed: whether it has a temporary name from the beginning, as on file systems that have no
  ///     unnamed files.
  package init(
    for target: String, _ existing: Existing, inputs: [OpenFile] = [], isSecond: Bool = false,
    isNamed: Bool = false
  ) throws {
    try TemporaryFile.check(target, existing, inputs: inputs)
    self.target = target
    self.existing = existing
    let folder = TemporaryFile.folder(of: target)
    let unnamed = isNamed ? -1 : clinux_unnamed_file(folder)
    if unnamed >= 0 {
      descriptor = unnamed
      name = nil
      return
    }
    if !isNamed { try TemporaryFile.requireNames(in: folder, errno, target) }
    (descriptor, name) = try TemporaryName.make(for: target, isSecond: isSecond)
  }

  /// Makes a file that never has a name, beside a path: for what is needed while that is written.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  package init(beside target: String) throws {
    self.target = target
    (existing, name) = (.refuse, nil)
    let folder = TemporaryFile.folder(of: target)
    let unnamed = clinux_unnamed_file(folder)
    if unnamed >= 0 {
      descriptor = unnamed
      return
    }
    try TemporaryFile.requireNames(in: folder, errno, target)
    // A name for a moment.
    let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
    let path = "\(folder).wsl-\(suffix)"
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw TemporaryFile.failure(errno, at: target, "no file can be made in this folder")
    }
    unlink(path)
  }

  deinit { close(descriptor) }

  /// Flushes the file to disk and gives it its name.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`; the target is then as it was.
  package func commit() throws {
    takeOverPermissions()
    guard fsync(descriptor) == 0 else {
      throw TemporaryFile.failure(errno, at: target, "cannot be flushed to disk")
    }
    let replaces = existing != .refuse
    let status: Int32
    if let name {
      status = name.exchange(for: target, replaces: replaces)
    } else if replaces {
      // A name beside the target first: only that can take another file's place at once.
      status = try TemporaryName.give(to: descriptor, for: target)
        .exchange(for: target, replaces: true)
    } else {
      status = clinux_name_file(descriptor, target)
    }
    let reason = errno
    guard status == 0 else {
      throw reason == EEXIST
        ? TemporaryFile.exists(target)
        : TemporaryFile.failure(reason, at: target, "cannot be given its name")
    }
    TemporaryFile.flush(folderOf: target)
  }

  /// The new version of a file is for those that the old one was for.
  private func takeOverPermissions() {
    var status = stat()
    if case .refuse = existing { return }
    if stat(target, &status) == 0 { fchmod(descriptor, status.st_mode & 0o777) }
  }

  /// Flushes names of a folder to disk. Some file systems cannot; the files themselves are there.
  package static func flush(folderOf path: String) {
    let directory = open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }

  /// The folder of a path, with a slash.
  package static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
  }

  /// Takes an error of making an unnamed file: where the file system has none, names will do.
  private static func requireNames(in folder: String, _ reason: Int32, _ target: String) throws {
    guard [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(reason), access(folder, W_OK) == 0 else {
      throw failure(reason, at: target, "no file can be made in this folder")
    }
  }

  private static func check(_ target: String, _ existing: Existing, inputs: [OpenFile]) throws {
    guard !target.isEmpty, !target.hasSuffix("/"), !target.utf8.contains(0) else {
      throw Diagnostic(.cannotWrite, "this is not the name of a file", at: [target])
    }
    var status = stat()
    guard stat(target, &status) == 0 else { return }
    let kind = status.st_mode & S_IFMT
    let identity = OpenFile.Identity(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    if existing != .replaceInput, inputs.contains(where: { $0.identity == identity }) {
      throw Diagnostic(
        .cannotWrite, "the output is an input", at: [target], remedy: "give another output")
    }
    guard kind == S_IFREG else {
      let what = kind == S_IFDIR ? "there is a folder of that name" : "this is not a regular file"
      throw Diagnostic(.cannotWrite, what, at: [target], remedy: "give another output")
    }
    if case .refuse = existing { throw exists(target) }
  }

  /// The error where a file is there that may not be replaced.
  package static func exists(_ target: String) -> Diagnostic {
    Diagnostic(
      .cannotWrite, "there is a file of that name already", at: [target],
      remedy: "give another output, or \(setting: .force)")
  }

  package static func failure(_ number: Int32, at target: String, _ what: String) -> Diagnostic {
    let remedy: Wording? =
      switch number {
      case ENOENT, ENOTDIR: "make the folder first"
      case EACCES, EPERM, EROFS: "check the folder's permissions"
      case ENOSPC, EDQUOT: "make room and try again"
      case ENAMETOOLONG: "choose a shorter name"
      default: nil
      }
    return Diagnostic(
      .cannotWrite, "\(what): \(systemMessage(number))", at: [target], remedy: remedy)
  }
}
