import CLinux
import Glibc
import WorkbenchCore

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
    if indices[location] == nil {
      files.append(try open(location))
      indices[location] = files.count
    }
    let part = indices[location] ?? 0
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

  private func open(_ location: String) throws -> OpenFile {
    guard model.member == nil else {
      throw Diagnostic(
        .badData, "its data are in the file \"\(location)\", and the model is inside an archive",
        remedy: "unpack the archive")
    }
    let steps = location.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard !location.isEmpty, !location.utf8.contains(0), !location.utf8.contains(0x5C),
      !steps.contains(".."), !steps.contains("")
    else {
      throw Diagnostic(
        .badData, "its data are in the file \"\(location)\", which leads out of the model's folder",
        remedy: "do not use it: the model may be hostile")
    }
    let folder = model.path.lastIndex(of: "/").map { String(model.path[...$0]) } ?? "./"
    var directory = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    for (index, step) in steps.enumerated() {
      defer { if directory >= 0 { close(directory) } }
      let isLast = index == steps.count - 1
      let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (isLast ? 0 : O_DIRECTORY)
      let next = openat(directory, step, flags)
      guard next >= 0 else { throw Self.refusal(location, errno) }
      if isLast {
        var status = stat()
        guard fstat(next, &status) == 0, status.st_mode & S_IFMT != S_IFREG || status.st_nlink == 1
        else {
          close(next)
          throw Diagnostic(
            .badData, "its data are in the file \"\(location)\", which has a second name",
            remedy: "copy the file, so that it has one name")
        }
        return try OpenFile(owning: next, path: folder == "./" ? location : folder + location)
      }
      directory = next
    }
    throw Self.refusal(location, ENOENT)
  }

  private static func refusal(_ location: String, _ reason: Int32) -> Diagnostic {
    switch reason {
    case ENOENT:
      Diagnostic(
        .badData, "its data are in the file \"\(location)\", which is missing",
        remedy: "put it beside the model")
    case ELOOP, ENOTDIR:
      Diagnostic(
        .badData, "its data are in the file \"\(location)\", which is a symbolic link",
        remedy: "put the file itself beside the model")
    default:
      Diagnostic(
        .badData,
        "its data are in the file \"\(location)\", which cannot be opened: "
          + systemMessage(reason))
    }
  }
}
