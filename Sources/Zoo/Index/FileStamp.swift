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
  var text: String { "\(byteCount):\(modified):\(inode)" }
}
