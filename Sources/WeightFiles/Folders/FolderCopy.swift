import Archives
import Catalogs
import Formats
import Foundation
import Support

/// A copy of a model that is a folder: a folder with the same files, in which some tensors are others,
/// and with the configuration and the tokenizer beside them.
public struct FolderCopy: Sendable {
  let file: WeightFile
  let folder: String

  /// Takes a model that was opened by its folder, or by the index of its files.
  ///
  /// - Returns: nil where the model is one file of its own, or spread in another way.
  public init?(of file: WeightFile) {
    let catalog = file.catalog
    guard let first = catalog.parts.first, file.storedPrefix.isEmpty,
      (first as NSString).lastPathComponent != DistributedCheckpoint.metadataName
    else { return nil }
    let isSharded = catalog.parts.count > 1
    guard ModelFolder.isFolder(catalog.file) || isSharded, !isSharded || catalog.format != .onnx
    else { return nil }
    self.file = file
    folder = first.folderOfPath.isEmpty ? "." : first.folderOfPath
  }

  /// Whether a path names a folder: there is one, or it has no ending of a weight file.
  public static func isFolder(_ path: String) -> Bool {
    ModelFolder.isFolder(path) || path.hasSuffix("/")
      || !WeightFileName.isWeightFile(path)
        && !["gz", "zst"].contains((path as NSString).pathExtension.lowercased())
  }

  /// Refuses a folder that cannot be written, before any work.
  ///
  /// - Parameters:
  ///   - overwrites: whether a model's folder that is there may be replaced. Another folder never is.
  ///   - inputs: what is read: none of it may lie there.
  /// - Throws: `Diagnostic` of code `cannotWrite`, or `usage`.
  public static func check(_ path: String, overwrites: Bool, inputs: [String] = []) throws {
    let path = trimmed(path)
    guard FileManager.default.fileExists(atPath: path) else { return }
    guard ModelFolder.isFolder(path) else {
      throw Diagnostic(
        .cannotWrite, "this is a file, and the model would be a folder", at: [path],
        remedy: "name another, or end it in .safetensors for one file")
    }
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    for input in inputs {
      let source = URL(fileURLWithPath: input).resolvingSymlinksInPath().path
      if source == target || source.folderOfPath == target {
        throw Diagnostic(
          .usage, "the output is also an input (\(input))", at: [path],
          remedy: "inputs are never changed; write to another folder")
      }
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if names.isEmpty { return }
    guard FolderDocuments.isModelAlone(path) else {
      throw Diagnostic(
        .cannotWrite, "this folder is there already, and holds more than a model", at: [path],
        remedy: "name another folder")
    }
    guard overwrites else {
      throw Diagnostic(
        .cannotWrite, "this folder is there already", at: [path],
        remedy: "replace it with \(setting: .force), or write to another")
    }
  }

  /// Writes the folder. All or nothing.
  ///
  /// - Parameters:
  ///   - path: where; a slash at the end does not count.
  ///   - replacements: for some tensors, by name, what stands in their place.
  ///   - options: how; each file keeps its own compression.
  ///   - inputs: files of which none may be an output.
  /// - Returns: what a person should know: what of the folder its copy does not have.
  /// - Throws: `Diagnostic`: `cannotWrite` where the folder cannot be written, and what reading and
  ///   computing throw.
  @discardableResult
  public func write(
    to path: String, computing replacements: [String: TensorReplacement],
    _ options: WritingOptions = WritingOptions(), inputs: [WeightFile] = []
  ) async throws -> [String] {
    let path = FolderCopy.trimmed(path)
    try FolderCopy.check(
      path, overwrites: options.overwrites, inputs: ([file] + inputs).flatMap(\.catalog.parts))
    let documents = try await fill(path) { part, source, place in
      try await write(part, source, to: place, replacements, options)
    }
    return documents.others.isEmpty
      ? []
      : [
        "\(path) does not have \(documents.others.joined(separator: ", ")): weights of the first "
          + "model that are no part of what was read"
      ]
  }

  /// Makes the folder with all files, and gives it its name.
  ///
  /// - Parameters:
  ///   - path: where, without a slash at the end.
  ///   - last: the path of the file with tensors that is written after all others.
  ///   - optional: the names of files that writing may add.
  ///   - write: writes one of the files with tensors: its number among the parts, its path, and where it goes.
  /// - Returns: what lay beside the weights.
  func fill(
    _ path: String, last: String? = nil, optional: [String] = [],
    _ write: (_ part: Int, _ source: String, _ place: String) async throws -> Void
  ) async throws -> FolderDocuments {
    let weights = Set(file.catalog.parts.map { ($0 as NSString).lastPathComponent })
    let documents = try FolderDocuments(of: folder, weights: weights)
    let target = try FolderTarget(
      path, names: weights.sorted() + documents.allNames, optional: optional)
    do { try await fill(target, documents, last: last, write) } catch let error as Diagnostic {
      throw target.told(error)
    }
    try target.commit()
    return documents
  }

  private func fill(
    _ target: FolderTarget, _ documents: FolderDocuments, last: String?,
    _ write: (_ part: Int, _ source: String, _ place: String) async throws -> Void
  ) async throws {
    let parts = Array(file.catalog.parts.enumerated())
    for (part, source) in parts.filter({ $0.element != last })
      + parts.filter({ $0.element == last })
    {
      let place = target.file((source as NSString).lastPathComponent)
      if source.hasSuffix(".json") {
        try FolderCopy.copy(source, to: place)
      } else {
        try await write(part, source, place)
      }
    }
    for name in documents.folders {
      guard mkdir(target.file(name), 0o777) == 0 else {
        throw TemporaryFile.failure(errno, at: target.file(name), "this folder cannot be made")
      }
    }
    for name in documents.names {
      try FolderCopy.copy(folder + "/" + name, to: target.file(name))
    }
  }

  /// Writes one of the files with the tensors that lie in it.
  private func write(
    _ part: Int, _ source: String, to place: String,
    _ replacements: [String: TensorReplacement], _ options: WritingOptions
  ) async throws {
    // The folder's own model, where it is one file: its place may have no ending that tells so.
    let file = file.catalog.parts.count == 1 ? file : try await WeightFile.open(source)
    let own = Set(self.file.catalog.tensors.filter { $0.part == part }.map(\.name))
    try await file.writeAlone(
      to: place, computing: replacements.filter { own.contains($0.key) }, options)
  }

  /// Copies a document; what a link leads to, not the link.
  static func copy(_ source: String, to place: String) throws {
    let file = try OpenFile(reading: source)
    let copy = try TemporaryFile(for: place, overwrites: false)
    try copyRange(of: file, from: 0, count: file.byteCount, to: copy.descriptor, at: 0)
    try copy.commit()
  }

  static func trimmed(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}
