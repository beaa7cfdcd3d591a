import Archives
import Catalogs
import Formats
import Support

/// A model whose tensors are spread over several files, listed by an index: `*.index.json` as
/// Hugging Face writes it, with `weight_map` from names to files of the same folder.
enum ShardIndex {
  private static let maximalByteCount = 256 << 20

  /// Reads the index and the headers of all its files.
  ///
  /// - Throws: `Diagnostic`: of code `badData` where the index is damaged or contradicts the files,
  ///   `noInput` where one is missing.
  static func parse(_ file: OpenFile) throws -> ParsedFile {
    guard file.byteCount <= maximalByteCount else {
      throw Diagnostic(.badData, "an index of \(file.byteCount) bytes is absurd")
    }
    let json = try StrictJSON(parsing: try file.bytes(at: 0, count: file.byteCount))
    guard let map = json["weight_map"]?.members else {
      throw Diagnostic(
        .badData, "this JSON is no index of a model: it has no weight_map",
        remedy: "name the weight file, or the model's folder")
    }
    var wanted: [String: String] = [:]
    var shards: Set<String> = []
    for member in map {
      let name = member.name
      guard let shard = member.value.string else {
        throw Diagnostic(.badData, "its file is not a text", at: [name])
      }
      _ = try checked(shard, of: name)
      wanted[name] = shard
      shards.insert(shard)
    }
    return try join(file, folder: file.siblingPrefix, shards: shards.sorted(), wanted: wanted)
  }

  /// The name of a file beside the index.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it leads out of the folder.
  static func checked(_ shard: String, of name: String) throws -> String {
    guard !shard.isEmpty, !shard.contains("/"), !shard.contains("\\"), shard != "..",
      shard != ".", !shard.utf8.contains(0)
    else {
      throw Diagnostic(
        .badData, "it is in the file \"\(shard)\", which leads out of the model's folder",
        at: [name], remedy: "do not use it: the model may be hostile")
    }
    return shard
  }

  /// Joins the files of a model, its tensors layer by layer. Without a list of names, all their tensors
  /// belong to it.
  ///
  /// - Parameter main: the index; nil where there is none, so that the first file is the first part.
  static func join(
    _ main: OpenFile?, folder: String, shards: [String], wanted: [String: String]?
  ) throws -> ParsedFile {
    var parts = main.map { [$0] } ?? []
    var joined: Catalog?
    var names: Set<String> = []
    for shard in shards {
      do {
        // Only an index within an archive names members: a # of another one is part of a name.
        let file =
          try main?.member == nil
          ? OpenFile(reading: folder + shard) : OpenFile.opened(folder + shard)
        if case .shardIndex = try FileSignature.of(file) {
          throw Diagnostic(.badData, "this is an index, not a part of a model")
        }
        guard case .parsed(let parsed) = try Container.open(file) else {
          throw Diagnostic(.badData, "a part of a model in this format is not read")
        }
        let first = parts.count
        parts += parsed.parts
        var catalog = joined ?? parsed.catalog
        if joined == nil { catalog.tensors = [] }
        var skipped = parsed.catalog.skipped
        for index in skipped.indices { skipped[index].tensor?.content?.part += first }
        catalog.skipped = (joined?.skipped ?? []) + skipped
        for var entry in parsed.catalog.tensors {
          if let wanted, wanted[entry.name] != shard {
            catalog.skipped.append(
              Catalog.Skipped(name: entry.name, reason: "the index does not name it in \(shard)"))
            continue
          }
          guard names.insert(entry.name).inserted else {
            throw Diagnostic(.badData, "another part of the model has it, too", at: [entry.name])
          }
          entry.part += first
          catalog.tensors.append(entry)
        }
        names.formUnion(parsed.catalog.skipped.map(\.name))
        joined = catalog
      } catch let error as Diagnostic {
        throw error.location.first == folder + shard ? error : error.inside(shard)
      }
    }
    guard var joined else { throw Diagnostic(.badData, "its index names no file") }
    if let missing = wanted?.keys.filter({ !names.contains($0) }).min() {
      throw Diagnostic(
        .badData, "the index places it in \(wanted?[missing] ?? ""), which does not have it",
        at: [missing], remedy: "copy or download the model again")
    }
    joined.tensors = LayerOrder.sorted(joined.tensors)
    return try ParsedFile(joined, parts: parts)
  }
}
