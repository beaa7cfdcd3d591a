import CLinux
import Glibc
package import Support

/// One owner of one open descriptor of a regular file.
///
/// Shared by the copies of a `WeightFile`, from several threads: it is immutable, and every read
/// names its own offset.
package final class OpenFile: Sendable {
  /// The descriptor.
  package let descriptor: Int32
  /// The path, for errors.
  package let path: String
  /// The size when it was opened.
  package let byteCount: Int
  /// What fills the file as it is read, where it is the contents of a compressed one.
  package let frames: (any ContentFilling)?
  /// The memory that it takes, where it lies there.
  private let share: ScratchMemory.Share?
  /// What names the file itself, whatever its paths are.
  package let identity: Identity
  /// Where the file begins in what the descriptor names: above 0 within an archive.
  package let base: Int
  /// The archive and the name in it, where the file is a member of one.
  package let member: MemberPath?

  /// The device and the inode.
  package struct Identity: Sendable, Hashable {
    package var device: UInt64
    package var inode: UInt64
  }

  /// Opens a regular file for reading.
  ///
  /// - Throws: `Diagnostic` of code `noInput`.
  package convenience init(reading path: String) throws {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw Diagnostic(.noInput, "an empty name, or one with a zero in it, names no file")
    }
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw OpenFile.cannotOpen(path, errno) }
    try self.init(owning: descriptor, path: path)
  }

  /// What to do where a path leads to no file.
  package static let remedy: Wording = "name a weight file"

  /// Takes over a descriptor.
  package init(
    owning descriptor: Int32, path: String, frames: (any ContentFilling)? = nil,
    share: ScratchMemory.Share? = nil
  ) throws {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = errno
      close(descriptor)
      throw OpenFile.cannotOpen(path, reason)
    }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG else {
      close(descriptor)
      let what = kind == S_IFDIR ? "this is a folder" : "this is not a regular file"
      throw Diagnostic(.noInput, what, at: [path], remedy: OpenFile.remedy)
    }
    self.descriptor = descriptor
    self.path = path
    self.frames = frames
    self.share = share
    byteCount = Int(status.st_size)
    identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    (base, member) = (0, nil)
  }

  /// A range of an archive, or all of what was unpacked of it, as a file.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, where the range is none of it.
  package init(member: MemberPath, of archive: OpenFile, range: Range<Int>) throws {
    guard range.lowerBound >= 0, range.upperBound <= archive.byteCount else {
      throw Diagnostic(.badData, "it reaches beyond the end of the archive")
    }
    descriptor = try duplicate(archive.descriptor)
    path = member.text
    (frames, identity, share) = (archive.frames, archive.identity, archive.share)
    byteCount = range.count
    base = archive.base + range.lowerBound
    self.member = member
  }

  /// What stands before the names of the files beside this one.
  package var siblingPrefix: String {
    guard let member else { return path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }
    let folder = member.member.lastIndex(of: "/").map { member.member[...$0] } ?? ""
    return "\(member.archive)#\(folder)"
  }

  deinit { close(descriptor) }

  /// The descriptor, for those that read it themselves: the file is filled before.
  ///
  /// - Throws: `Diagnostic` of code `badData` where what fills it is damaged.
  package func filledDescriptor() throws -> Int32 {
    try frames?.fill(nil, of: descriptor)
    return descriptor
  }

  private static func cannotOpen(_ path: String, _ reason: Int32) -> Diagnostic {
    switch reason {
    case ENOENT, ENOTDIR:
      Diagnostic(.noInput, "there is no such file", at: [path], remedy: "check the path")
    case EACCES, EPERM:
      Diagnostic(.noInput, "this file may not be read", at: [path], remedy: "check its permissions")
    default:
      Diagnostic(.noInput, "cannot be opened: \(systemMessage(reason))", at: [path])
    }
  }

  /// Reads exactly as many bytes as the buffer holds.
  ///
  /// - Throws: `Diagnostic`, without a location, when the file ends before.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    if member != nil, offset < 0 || offset > byteCount - buffer.count {
      throw Diagnostic(
        .badData, "the file ends before its data", remedy: "the file is truncated: copy it again")
    }
    if let frames, !buffer.isEmpty {
      try frames.fill((base + offset)..<(base + offset + buffer.count), of: descriptor)
    }
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
        off_t(base + offset + done))
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw Diagnostic(.badData, "cannot be read: \(systemMessage(errno))") }
      if count == 0 {
        throw Diagnostic(
          .badData, "the file ends before its data", remedy: "the file is truncated: copy it again")
      }
      done += count
    }
  }

  /// Reads some bytes; fewer where the file ends.
  package func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    guard offset >= 0, count > 0, offset < byteCount else { return [] }
    let there = min(count, byteCount - offset)
    return try [UInt8](unsafeUninitializedCapacity: there) { buffer, initialized in
      try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
      initialized = there
    }
  }
}

/// The system's words for an error number.
package func systemMessage(_ number: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 128)
  clinux_message(number, &buffer, buffer.count)
  return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Another descriptor of the same open file.
package func duplicate(_ descriptor: Int32) throws -> Int32 {
  let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
  guard copy >= 0 else { throw Diagnostic(.failed, "no descriptor: \(systemMessage(errno))") }
  return copy
}
