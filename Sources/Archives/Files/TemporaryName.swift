import CLinux
import Glibc
import Support
import Synchronization

/// The name beside a target under which its next version waits to take its place.
///
/// It is one name for each target, `.NAME.wsl-new`, so that what a process leaves behind when it is
/// ended by force is met, and taken away, by the next one that writes the same target. Whoever has the
/// name holds a lock on its file, which goes with the process: without the lock, it is nobody's.
final class TemporaryName: Sendable {
  private let path: String
  private let leftover: Leftovers.Token
  /// Whether the name is still ours: once the file has its own, the next process may take it.
  private let isHeld = Atomic<Bool>(true)

  private init(_ path: String) {
    self.path = path
    leftover = Leftovers.add(path)
  }

  deinit {
    guard isHeld.load(ordering: .relaxed) else { return }
    unlink(path)
    Leftovers.forget(leftover)
  }

  /// The path for a target.
  ///
  /// - Parameter isSecond: whether it is that of a second file for the same target.
  static func path(for target: String, isSecond: Bool = false) -> String {
    let folder = TemporaryFile.folder(of: target)
    let name = target.lastIndex(of: "/").map { target[target.index(after: $0)...] } ?? target[...]
    let ending = isSecond ? "wsl-new2" : "wsl-new"
    // The name itself may be as long as a name can be: 255 bytes.
    guard name.utf8.count > 240 else { return "\(folder).\(name).\(ending)" }
    return "\(folder).\(SHA256.digest(of: String(name)).hexadecimal).\(ending)"
  }

  /// Makes an empty file of that name.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`, also where another process has the name.
  static func make(
    for target: String, isSecond: Bool
  ) throws -> (descriptor: Int32, name: TemporaryName) {
    let path = path(for: target, isSecond: isSecond)
    for _ in 0..<100 {
      let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor < 0, errno == EEXIST {
        guard removeAbandoned(path, waits: false) else { throw isBusy(target) }
        continue
      }
      guard descriptor >= 0 else {
        throw TemporaryFile.failure(errno, at: target, "no file can be made in this folder")
      }
      // Another process may have taken it for an abandoned one before it was locked.
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK || !isNamed(descriptor) {
        close(descriptor)
        continue
      }
      return (descriptor, TemporaryName(path))
    }
    throw isBusy(target)
  }

  /// Gives a file without a name this one. Another process that has it at the moment is waited for:
  /// it has it only until it takes the target's place.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  static func give(to descriptor: Int32, for target: String) throws -> TemporaryName {
    let path = path(for: target)
    flock(descriptor, LOCK_EX | LOCK_NB)
    for _ in 0..<1000 {
      if clinux_name_file(descriptor, path) == 0 { return TemporaryName(path) }
      guard errno == EEXIST else {
        throw TemporaryFile.failure(errno, at: target, "cannot be given its name")
      }
      _ = removeAbandoned(path, waits: true)
    }
    throw isBusy(target)
  }

  /// Gives the file the target's name in place of this one.
  ///
  /// - Parameter replaces: whether another file of that name goes; otherwise it is an error, EEXIST.
  /// - Returns: what the call returned; the reason is in `errno`.
  func exchange(for target: String, replaces: Bool) -> Int32 {
    // Not to be removed by a signal any more: from the moment of the call it may be another's.
    Leftovers.forget(leftover)
    let status = replaces ? rename(path, target) : clinux_rename_new(path, target)
    if status == 0 { isHeld.store(false, ordering: .relaxed) }
    return status
  }

  /// Takes away what nobody has.
  ///
  /// - Parameter waits: whether somebody who has it is waited for.
  /// - Returns: whether the name may be free now.
  private static func removeAbandoned(_ path: String, waits: Bool) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return errno == ENOENT || unlink(path) == 0 }
    defer { close(descriptor) }
    var status: Int32
    repeat {
      status = flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB)
    } while status != 0
      && errno == EINTR
    if status != 0, errno == EWOULDBLOCK { return false }
    var (own, there) = (stat(), stat())
    // By now it may be another file of that name.
    if fstat(descriptor, &own) == 0, lstat(path, &there) == 0, own.st_ino == there.st_ino,
      own.st_dev == there.st_dev
    {
      unlink(path)
    }
    return true
  }

  private static func isNamed(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  private static func isBusy(_ target: String) -> Diagnostic {
    Diagnostic(
      .cannotWrite, "another process is writing this file", at: [target],
      remedy: "wait for it, and run the command again")
  }
}
