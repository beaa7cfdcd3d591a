import Archives
import Catalogs
import Foundation
import Support
import WeightFiles

/// Whether an output can be written, asked before any work is done.
enum OutputPath {
  /// Refuses a path that names an input, one that is there already, and one whose folder is
  /// missing or cannot be written to.
  ///
  /// - Parameters:
  ///   - path: the output.
  ///   - inputs: the paths of what is read.
  ///   - overwrites: whether a file that is there may be replaced.
  static func check(_ path: String, inputs: [String], overwrites: Bool) throws {
    let target = status(path)
    for input in inputs {
      // What stands behind a # names something in the file.
      let source = status(input) ?? MemberPath(input).flatMap { status($0.archive) }
      if let target, let source, target.identity == source.identity {
        throw Diagnostic(
          .usage, "the output is also an input (\(input))", at: [path],
          remedy: "inputs are never changed; write to another file")
      }
    }
    if let target {
      if target.isFolder {
        throw Diagnostic(
          .cannotWrite, "the output is a folder", at: [path], remedy: "name a file in it")
      }
      if !overwrites {
        throw Diagnostic(
          .cannotWrite, "this file is there already", at: [path],
          remedy: "replace it with --force, or write to another")
      }
    }
    try checkFolder(of: path)
  }

  /// The same for a copy of a model, which is a folder where the model is one and the path names one.
  static func check(
    _ path: String, copyOf file: WeightFile, inputs: [String], overwrites: Bool
  ) throws {
    guard FolderCopy.isFolder(path), FolderCopy(of: file) != nil else {
      return try check(path, inputs: inputs, overwrites: overwrites)
    }
    try FolderCopy.check(path, overwrites: overwrites, inputs: inputs)
    try checkFolder(of: path)
  }

  /// The same for a copy of the model at a path, which is opened only where the copy may be a folder.
  static func check(
    _ path: String, copyOfModelAt model: String, inputs: [String], overwrites: Bool
  ) async throws {
    guard FolderCopy.isFolder(path) else {
      return try check(path, inputs: inputs, overwrites: overwrites)
    }
    try check(
      path, copyOf: try await WeightFile.open(model), inputs: inputs, overwrites: overwrites)
  }

  /// Which format a name's ending says.
  private static let formats: [String: Catalog.Format] = [
    "h5": .hdf5, "hdf5": .hdf5, "keras": .keras, "safetensors": .safetensors, "npz": .npz,
    "npy": .numpy, "pt": .pytorch, "pth": .pytorch, "onnx": .onnx, "gguf": .gguf,
  ]

  /// Refuses a path whose ending says another format than that of the file it becomes a copy of.
  static func checkEnding(_ path: String, copyOf catalog: Catalog) throws {
    let ending = (path as NSString).pathExtension.lowercased()
    guard let format = formats[ending], format != catalog.format else { return }
    throw Diagnostic(
      .usage,
      "the output has the format of \(catalog.file), \(catalog.format.rawValue), and not that of "
        + ".\(ending)", at: [path],
      remedy: "give it that ending, and write it in another format with `wsl convert`")
  }

  /// Refuses a path whose folder is missing or cannot be written to.
  static func checkFolder(of path: String) throws {
    let folder = path.folderOfPath
    let place = folder.isEmpty ? "." : folder
    guard let parent = status(place), parent.isFolder else {
      throw Diagnostic(
        .cannotWrite, "there is no folder \(place)", at: [path], remedy: "make it first")
    }
    guard access(place, W_OK) == 0 else {
      throw Diagnostic(
        .cannotWrite, "the folder \(place) cannot be written to", at: [path],
        remedy: "choose another, or change its permissions")
    }
  }

  /// The path itself; of a folder, written with a slash at the end, a file in it of an input's name.
  static func file(_ path: String, namedLike input: String) -> String {
    path.hasSuffix("/") ? path + (input as NSString).lastPathComponent : path
  }

  private struct Identity: Equatable {
    var device: dev_t
    var inode: ino_t
  }

  private static func status(_ path: String) -> (identity: Identity, isFolder: Bool)? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return (
      Identity(device: status.st_dev, inode: status.st_ino),
      status.st_mode & S_IFMT == S_IFDIR
    )
  }
}
