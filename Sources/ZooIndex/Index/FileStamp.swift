import Archives
import Foundation

/// What tells whether a file changed since it was read: size, time of change, inode.
struct FileStamp: Sendable, Hashable {
  /// What lies at a path.
  enum Kind: Sendable {
    case file
    case folder
    case other
  }

  /// The kind, links followed.
  var kind: Kind
  /// The size in bytes.
  var byteCount: Int
  /// When its contents changed, in nanoseconds since 1970.
  var modified: Int
  /// The number of the file on its device.
  var inode: UInt64
  /// The device.
  var device: UInt64

  /// What tells of the contents, where more is known than the rest says: in an archive.
  var contents: String?

  /// A stamp of something that is not on disk itself.
  init(
    kind: Kind, byteCount: Int, modified: Int, inode: UInt64, device: UInt64, contents: String?
  ) {
    self.kind = kind
    self.byteCount = byteCount
    self.modified = modified
    self.inode = inode
    self.device = device
    self.contents = contents
  }

  /// Looks at a model's path: of a member of an archive, at the archive.
  init?(ofModel path: String) {
    if let stamp = FileStamp(of: path) {
      self = stamp
    } else if let place = MemberPath(path), let stamp = FileStamp(of: place.archive) {
      self = stamp
    } else {
      return nil
    }
  }

  /// Looks at a path; nil where there is nothing.
  init?(of path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      default: .other
      }
    byteCount = Int(status.st_size)
    modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    inode = UInt64(status.st_ino)
    device = UInt64(status.st_dev)
  }

  /// The stamp as text.
  var text: String { contents ?? "\(byteCount):\(modified):\(inode)" }
}
