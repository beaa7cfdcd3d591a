import Glibc

/// The names in a folder, with those that no text can hold.
public struct FolderListing: Sendable {
  /// A name that is not UTF-8: no path of ours can name it.
  public struct Unnameable: Sendable, Hashable {
    /// The name with replacement characters, to be shown.
    public var shown: String
    /// Whether it is a folder, as far as the file system tells.
    public var isFolder: Bool
  }

  /// The names, in the order of the file system.
  public private(set) var names: [String] = []
  /// What is left out because its name cannot be kept.
  public private(set) var unnameable: [Unnameable] = []

  /// Why such a name is left out.
  public static let reason = "its name is not UTF-8, and cannot be kept"
  /// What to do about it.
  public static let remedy = "rename it"

  /// Lists a folder.
  ///
  /// - Throws: `Diagnostic` of code `noInput` where it may not be read.
  public init(of path: String) throws {
    guard let folder = opendir(path) else {
      throw Diagnostic(
        .noInput, "this folder may not be read (\(String(cString: strerror(errno))))", at: [path])
    }
    defer { closedir(folder) }
    errno = 0
    while let entry = readdir(folder) {
      let type = Int32(entry.pointee.d_type)
      let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if bytes == [0x2E] || bytes == [0x2E, 0x2E] { continue }
      if let name = String(validating: bytes, as: UTF8.self) {
        names.append(name)
      } else {
        unnameable.append(
          Unnameable(
            shown: String(decoding: bytes, as: UTF8.self),
            isFolder: type == Int32(DT_DIR) || type == Int32(DT_UNKNOWN)))
      }
    }
    guard errno == 0 else {
      throw Diagnostic(
        .noInput, "this folder cannot be read to its end (\(String(cString: strerror(errno))))",
        at: [path])
    }
  }
}
