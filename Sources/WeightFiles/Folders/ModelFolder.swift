import Archives
import Catalogs
import Formats
import Foundation
import Support

/// A folder that is one model: a file or shards of it beside its configuration, the cache of Hugging
/// Face, a trial of Ray Tune.
struct ModelFolder {
  /// What to open.
  enum Content {
    /// One file, or the index of several.
    case file(String)
    /// Numbered parts without an index, in a folder.
    case shards(String, [String])
  }

  /// What to open.
  var content: Content
  /// Documents beside it.
  var documents: [String: [UInt8]]

  /// What PEFT writes beside an adapter.
  static let adapterDocument = "adapter_config.json"
  private static let documentLimit = 16 << 20
  private static let suffixes = [
    ".safetensors", ".keras", ".h5", ".hdf5", ".pt", ".pth", ".pt2", ".bin", ".ckpt", ".npz",
    ".onnx",
    ".gguf",
  ]
  /// The names that Hugging Face looks for, in its order.
  private static let preferred = [
    "model.safetensors.index.json", "model.safetensors", "pytorch_model.bin.index.json",
    "pytorch_model.bin", "adapter_model.safetensors", "adapter_model.bin",
  ]

  /// Finds the one model of a folder.
  ///
  /// - Throws: `Diagnostic` of code `noInput` where there is none, or which one is not clear.
  init(_ path: String) throws { try self.init(path, depth: 0) }

  private init(_ path: String, depth: Int) throws {
    let folder = path.hasSuffix("/") ? path : path + "/"
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw Diagnostic(.noInput, "this folder may not be read", at: [path])
    }
    guard depth < 4 else { throw ModelFolder.nothing(folder, names) }
    if let inner = try ModelFolder.inner(folder, names) {
      self = try ModelFolder(inner, depth: depth + 1)
    } else {
      content = try ModelFolder.content(folder, names)
      documents = [:]
    }
    for name in ["config.json", ModelFolder.adapterDocument, "params.json", "result.json"]
    where names.contains(name) && documents[name] == nil {
      documents[name] = try ModelFolder.document(folder + name)
    }
  }

  /// A document of a bearable size; nil where there is none.
  private static func document(_ path: String) throws -> [UInt8]? {
    guard let file = try? OpenFile(reading: path), file.byteCount <= documentLimit else {
      return nil
    }
    return try file.bytes(at: 0, count: file.byteCount)
  }

  /// The configuration beside a file of weights that says what network they are of, as the libraries of
  /// transformers write it; nil where there is none, or one of something else.
  static func configuration(beside path: String) throws -> [UInt8]? {
    let folder = path.folderOfPath
    guard let bytes = try document((folder.isEmpty ? "." : folder) + "/config.json"),
      let json = try? JSONValue(parsing: bytes),
      (json["model_type"] ?? json["architecture"])?.string != nil
    else { return nil }
    return bytes
  }

  /// The document without which an adapter's file does not tell its scale, from beside that file.
  static func adapterDocument(beside path: String) throws -> [UInt8]? {
    let folder = path.folderOfPath
    return try document((folder.isEmpty ? "." : folder) + "/" + adapterDocument)
  }

  /// The folder within that holds the model, where this is a cache or a trial.
  private static func inner(_ folder: String, _ names: [String]) throws -> String? {
    if names.contains("snapshots") {
      return try snapshot(folder)
    }
    // A trial keeps its parameters beside numbered checkpoints; the last one is the trained model.
    let checkpoints = names.filter {
      $0.hasPrefix("checkpoint_") && Int($0.dropFirst(11)) != nil && isFolder(folder + $0)
    }
    guard names.contains("params.json") || names.contains("result.json"), !checkpoints.isEmpty
    else { return nil }
    return checkpoints.max { (Int($0.dropFirst(11)) ?? 0) < (Int($1.dropFirst(11)) ?? 0) }
      .map { folder + $0 }
  }

  private static func snapshot(_ folder: String) throws -> String {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder + "snapshots")) ?? []
    let snapshots = all.filter { isFolder(folder + "snapshots/" + $0) }.sorted()
    if let main = try? OpenFile(reading: folder + "refs/main"), main.byteCount <= 256 {
      let text = String(decoding: try main.bytes(at: 0, count: 256), as: UTF8.self)
      let name = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard snapshots.contains(name) else {
        throw Diagnostic(
          .noInput, "refs/main names the snapshot \(name), which is not there",
          remedy: "download the model again")
      }
      return folder + "snapshots/" + name
    }
    guard snapshots.count == 1 else {
      throw Diagnostic(
        .noInput,
        "it has no refs/main, and these snapshots: \(snapshots.joined(separator: ", "))",
        remedy: "name one of them")
    }
    return folder + "snapshots/" + snapshots[0]
  }

  private static func content(_ folder: String, _ names: [String]) throws -> Content {
    if DistributedCheckpoint.isFolder(names) {
      return .file(folder + DistributedCheckpoint.metadataName)
    }
    if let name = preferred.first(where: names.contains) { return .file(folder + name) }
    let indices = names.filter {
      $0.hasSuffix(".index.json") || $0.hasSuffix(KerasShards.ending)
    }
    let files = names.filter { name in
      suffixes.contains { name.hasSuffix($0) || name.hasSuffix($0 + ".gz") }
        || suffixes.contains { name.hasSuffix($0 + ".zst") } || name == "checkpoints"
    }.filter { !isFolder(folder + $0) }
    if indices.count == 1 { return .file(folder + indices[0]) }
    if indices.isEmpty, files.count == 1 { return .file(folder + files[0]) }
    if indices.isEmpty, let shards = try numbered(files) { return .shards(folder, shards) }
    let candidates = indices + files
    guard !candidates.isEmpty else { throw nothing(folder, names) }
    let list = candidates.prefix(8).joined(separator: ", ")
    throw Diagnostic(
      .noInput,
      "this folder has \(candidates.count) weight files: \(list)"
        + (candidates.count > 8 ? ", …" : ""), remedy: "name one of them")
  }

  /// The files `NAME-00001-of-00003.safetensors` and so on, where they are all and of one name.
  private static func numbered(_ files: [String]) throws -> [String]? {
    var found: [Int: String] = [:]
    var shared: (String, Int)?
    for name in files {
      guard let match = name.wholeMatch(of: /(.*?)[_-](\d{5})-of-(\d{5})(\.\w+)/),
        let number = Int(match.2), let count = Int(match.3)
      else { return nil }
      let key = String(match.1) + String(match.4)
      if let shared, shared != (key, count) { return nil }
      shared = (key, count)
      found[number] = name
    }
    guard let (_, count) = shared else { return nil }
    let shards = found.sorted { $0.key < $1.key }.map(\.value)
    guard found.count == count, found.keys.min() == 1, found.keys.max() == count else {
      throw Diagnostic(
        .noInput, "this folder has \(found.count) of the \(count) parts of its model",
        remedy: "download the others")
    }
    return shards
  }

  /// The error for a folder that is no model. Where folders in it are, as the checkpoints of a run, they
  /// are named in the order of their numbers.
  private static func nothing(_ folder: String, _ names: [String]) -> Diagnostic {
    let inner = names.filter { name in
      let files = try? FileManager.default.contentsOfDirectory(atPath: folder + name)
      return files?.contains(where: WeightFileName.isWeightFile) ?? false
    }.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    let list = inner.prefix(8).joined(separator: ", ") + (inner.count > 8 ? ", …" : "")
    return Diagnostic(
      .noInput, "this is a folder without a weight file",
      remedy: inner.isEmpty
        ? "name a weight file or a model" : "name one of the folders in it: \(list)")
  }

  /// The folder that a path names, and the part of its model that stands behind a `#`; nil where it
  /// names none.
  static func path(_ path: String) -> (folder: String, selection: String?)? {
    if isFolder(path) { return (path, nil) }
    // A sign within the name of a file that is there is no mark.
    guard !FileManager.default.fileExists(atPath: path),
      let mark = path.lastIndex(of: "#"), isFolder(String(path[..<mark]))
    else { return nil }
    return (String(path[..<mark]), String(path[path.index(after: mark)...]))
  }

  /// Whether there is a folder of that path.
  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}

extension Catalog {
  /// Takes the document over that an adapter's scale stands in, where one lies in the file's folder.
  mutating func takeAdapterDocument(beside path: String) throws {
    let name = ModelFolder.adapterDocument
    guard documents[name] == nil, let bytes = try ModelFolder.adapterDocument(beside: path) else {
      return
    }
    documents[name] = bytes
  }

  /// Takes the configuration over that says what network the weights are of, where one lies in the file's
  /// folder and the file has none of its own.
  mutating func takeConfiguration(beside path: String) throws {
    guard [.safetensors, .pytorch].contains(format), documents["config.json"] == nil,
      let bytes = try ModelFolder.configuration(beside: path)
    else { return }
    documents["config.json"] = bytes
  }
}
