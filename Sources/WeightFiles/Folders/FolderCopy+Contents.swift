import Archives
import Catalogs
import Foundation
import Support

/// A file of a model's folder that was written.
public struct WrittenShard: Sendable {
  /// Its name in the folder.
  public var file: String
  /// How many bytes its tensors take.
  public var byteCount: Int
  /// How many tensors it has.
  public var tensorCount: Int
}

extension FolderCopy {
  /// Writes a folder with other tensors than this model's, in safetensors files of a size at most, with its
  /// configuration and its tokenizer. All or nothing.
  ///
  /// - Parameters:
  ///   - contents: the tensors.
  ///   - path: where.
  ///   - shardByteCount: how many bytes of tensors one file holds at most. A larger tensor has its own.
  ///   - documents: files that are others than this model's, or more, by name.
  ///   - tokenizer: the folder whose tokenizer is taken instead.
  ///   - options: how.
  ///   - inputs: what is read: none of it may lie there.
  /// - Returns: the files.
  /// - Throws: `Diagnostic`: `cannotWrite` where the folder cannot be written, and what making tensors throws.
  public func write(
    _ contents: ModelContents, to path: String, shardByteCount: Int,
    documents: [String: [UInt8]] = [:], tokenizer: FolderCopy? = nil,
    _ options: WritingOptions = WritingOptions(), inputs: [WeightFile] = []
  ) throws -> [WrittenShard] {
    let path = FolderCopy.trimmed(path)
    try FolderCopy.check(
      path, overwrites: options.overwrites, inputs: ([file] + inputs).flatMap(\.catalog.parts))
    try contents.check()
    let plan = ShardPlan(contents, shardByteCount: shardByteCount)
    let sources = try self.documents(tokenizer: tokenizer).filter { documents[$0.name] == nil }
    let folders = Set(sources.map(\.name.folderOfPath).filter { !$0.isEmpty }).sorted()
    let target = try FolderTarget(
      path, names: folders + plan.names + documents.keys.sorted() + sources.map(\.name))
    do {
      for shard in plan.shards {
        var part = contents
        part.items = Array(contents.items[shard.items])
        try part.write(to: target.file(shard.name), options)
      }
      for folder in folders {
        guard mkdir(target.file(folder), 0o777) == 0 else {
          throw TemporaryFile.failure(errno, at: target.file(folder), "this folder cannot be made")
        }
      }
      for source in sources { try FolderCopy.copy(source.path, to: target.file(source.name)) }
      if let index = plan.index {
        try AtomicFile.write(
          try plan.document(contents), to: target.file(index), overwrites: false)
      }
      for (name, bytes) in documents {
        try AtomicFile.write(bytes, to: target.file(name), overwrites: false)
      }
    } catch let error as Diagnostic {
      throw target.told(error)
    }
    try target.commit()
    return plan.shards.map {
      WrittenShard(file: $0.name, byteCount: $0.byteCount, tensorCount: $0.items.count)
    }
  }

  /// What lies beside the weights: of this folder, or its tokenizer's files of another.
  private func documents(
    tokenizer: FolderCopy?
  ) throws -> [(name: String, path: String)] {
    let own = try files()
    guard let tokenizer else { return own }
    return own.filter { !FolderCopy.isOfTokenizer($0.name) }
      + (try tokenizer.files().filter { FolderCopy.isOfTokenizer($0.name) })
  }

  private func files() throws -> [(name: String, path: String)] {
    let weights = Set(file.catalog.parts.map { ($0 as NSString).lastPathComponent })
    return try FolderDocuments(of: folder, weights: weights).names.map { ($0, folder + "/" + $0) }
  }

  /// Whether a document belongs to the tokenizer.
  static func isOfTokenizer(_ name: String) -> Bool {
    let words = ["tokenizer", "special_tokens", "added_tokens", "merges", "vocab", "chat_template"]
    return words.contains(where: name.hasPrefix)
      || ["model", "spm", "bpe", "tiktoken", "vocab", "jinja"].contains(
        (name as NSString).pathExtension)
  }

  /// A document beside the weights; nil where there is none of that name.
  ///
  /// - Throws: `Diagnostic` where it cannot be read.
  public func document(_ name: String) throws -> [UInt8]? {
    let path = folder + "/" + name
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let file = try OpenFile(reading: path)
    return try file.bytes(at: 0, count: file.byteCount)
  }

  /// The files that say which token has which number, with their bytes' SHA-256; empty where the folder
  /// has no tokenizer.
  ///
  /// - Throws: `Diagnostic` where one cannot be read.
  public func vocabulary() throws -> [String: String] {
    let names = [
      "tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.json",
      "vocab.txt", "merges.txt", "added_tokens.json",
    ]
    var found: [String: String] = [:]
    for name in names {
      guard let bytes = try document(name) else { continue }
      found[name] = SHA256.digest(of: bytes).hexadecimal
    }
    return found
  }
}
