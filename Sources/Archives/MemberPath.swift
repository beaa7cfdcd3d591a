import Glibc

/// The path of a file inside an archive: the archive's, a `#`, and the member's name, as in
/// `zoo.tar#width64/seed0.h5`.
public struct MemberPath: Sendable, Hashable {
  /// The archive, a regular file.
  public var archive: String
  /// The member's name within it.
  public var member: String

  /// A path of a member.
  public init(archive: String, member: String) {
    self.archive = archive
    self.member = member
  }

  /// Takes a path apart; nil where it names something on disk itself, or no archive.
  ///
  /// Of several `#` the last before which there is a file counts.
  public init?(_ path: String) {
    guard path.contains("#"), !MemberPath.exists(path) else { return nil }
    var rest = path[...]
    while let place = rest.lastIndex(of: "#") {
      rest = rest[..<place]
      let archive = String(rest)
      if MemberPath.isFile(archive) {
        self.init(archive: archive, member: String(path[path.index(after: place)...]))
        return
      }
    }
    return nil
  }

  /// The path as text.
  public var text: String { "\(archive)#\(member)" }

  private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
