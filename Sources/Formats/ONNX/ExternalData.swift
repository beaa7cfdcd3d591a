import Archives
import CLinux
import Glibc
import Support

/// The files beside a model that hold tensors. They are confined to the model's folder: no path that
/// leads out of it, no symbolic link, no file that has a second name.
struct ExternalData {
  /// The files that were opened, in the order of their first use.
  private(set) var files: [OpenFile] = []

  private let model: OpenFile
  private var indices: [String: Int] = [:]

  init(of model: OpenFile) { self.model = model }

  /// Finds the place that a tensor's `external_data` name. The part counts the model itself as 0.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  mutating func place(
    _ fields: [String: String], byteCount: Int
  ) throws -> (part: Int, offset: Int) {
    guard let location = fields["location"] else {
      throw ONNXFile.damaged("its data are in another file, which is not named")
    }
    let offset = try number(fields["offset"], "offset") ?? 0
    let length = try number(fields["length"], "length") ?? byteCount
    guard length == byteCount else {
      throw ONNXFile.damaged("its shape takes \(byteCount) bytes, and \(length) are stored")
    }
    let path = try self.path(location)
    if indices[path] == nil {
      files.append(try open(path, location))
      indices[path] = files.count
    }
    let part = indices[path] ?? 0
    let space = files[part - 1].byteCount
    guard offset <= space, length <= space - offset else {
      throw ONNXFile.damaged("its data lie beyond the end of the file \(location)")
    }
    return (part, offset)
  }

  private func number(_ text: String?, _ what: String) throws -> Int? {
    guard let text else { return nil }
    guard let number = Int(text), number >= 0 else {
      throw ONNXFile.damaged("its \(what) \"\(text)\" is no number of bytes")
    }
    return number
  }

  /// The path in the model's folder that a location names, without what leads nowhere.
  private func path(_ location: String) throws -> String {
    guard model.member == nil else {
      throw Diagnostic(
        .badData, "its data are in the file \"\(location)\", and the model is inside an archive",
        remedy: "unpack the archive")
    }
    let steps = location.split(separator: "/", omittingEmptySubsequences: false)
    let words = location.split { $0 == "/" || $0 == "\\" }
    guard let first = steps.first, !first.isEmpty, !location.utf8.contains(0),
      !words.contains(".."), location.utf8.first != 0x5C
    else {
      throw Diagnostic(
        .badData, "its data are in the file \"\(location)\", which leads out of the model's folder",
        remedy: "do not use it: the model may be hostile")
    }
    guard !location.utf8.contains(0x5C) else {
      throw Diagnostic(
        .badData, "its data are in the file \"\(location)\", a path with backslashes",
        remedy: "save the model again with its data in one file beside it, or on the same system")
    }
    let path = steps.filter { !$0.isEmpty && $0 != "." }.joined(separator: "/")
    guard !path.isEmpty, steps.last != "", steps.last != "." else {
      throw Self.folder(location)
    }
    return path
  }

  private static func folder(_ location: String) -> Diagnostic {
    Diagnostic(
      .badData, "its data are in \"\(location)\", which is a folder",
      remedy: "do not use it: the model is damaged")
  }

  /// Opens a file step by step, each folder in the one before it, so that no link is followed, also
  /// none that is put there meanwhile.
  private func open(_ path: String, _ location: String) throws -> OpenFile {
    let steps = path.split(separator: "/").map(String.init)
    let folder = model.path.lastIndex(of: "/").map { String(model.path[...$0]) } ?? "./"
    var directory = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw Self.refusal(location, errno) }
    for step in steps.dropLast() {
      let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_DIRECTORY
      let next = openat(directory, step, flags)
      let reason = errno
      let isLink = next < 0 && Self.isLink(step, in: directory)
      close(directory)
      guard next >= 0 else { throw Self.refusal(location, isLink ? ELOOP : reason) }
      directory = next
    }
    defer { close(directory) }
    let file = openat(directory, steps.last ?? "", O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw Self.refusal(location, errno) }
    var status = stat()
    let isKnown = fstat(file, &status) == 0
    guard !isKnown || status.st_mode & S_IFMT != S_IFDIR else {
      close(file)
      throw Self.folder(location)
    }
    guard isKnown, status.st_mode & S_IFMT != S_IFREG || status.st_nlink == 1 else {
      close(file)
      throw Diagnostic(
        .badData, "its data are in the file \"\(location)\", which has a second name",
        remedy: "copy the file, so that it has one name")
    }
    return try OpenFile(owning: file, path: folder == "./" ? path : folder + path)
  }

  /// Whether a name in a folder is a symbolic link: only for the error about it.
  private static func isLink(_ name: String, in directory: Int32) -> Bool {
    var status = stat()
    return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0
      && status.st_mode & S_IFMT == S_IFLNK
  }

  private static func refusal(_ location: String, _ reason: Int32) -> Diagnostic {
    switch reason {
    case ENOENT:
      Diagnostic(
        .badData, "its data are in the file \"\(location)\", which is missing",
        remedy: "put it beside the model")
    case ELOOP:
      Diagnostic(
        .badData, "its data are in the file \"\(location)\", which is a symbolic link",
        remedy: "put the file itself beside the model")
    case ENOTDIR:
      Diagnostic(
        .badData, "its data are in the file \"\(location)\", which leads through a file",
        remedy: "put it beside the model")
    default:
      Diagnostic(
        .badData,
        "its data are in the file \"\(location)\", which cannot be opened: "
          + systemMessage(reason))
    }
  }
}
