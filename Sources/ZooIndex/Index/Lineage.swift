import Foundation
import GRDB
import Support
import WeightFiles

/// Finds the parents that models name among the models of the index.
package enum Lineage {
  /// A model that may be a parent.
  private struct Candidate {
    var id: Int64
    var file: String
    var place: String

    init(_ row: Row) throws {
      id = try row.cell("id")
      file = try row.cell("file")
      place = try row.cell("place")
    }
  }

  /// Links each model to its parent: the one that is called so in the same folder, or beside the
  /// child's own folder, or the only one that is called so. Of several in a folder, as a network and its
  /// checkpoints, it is the one whose file is called so. A name that is a path, as adapters have of
  /// their bases, also means the model whose path ends so. Where the child knows the SHA-256 of its
  /// parent's file, only that file will do.
  package static func resolve(in index: ZooIndex) async throws {
    let wanted = "SELECT parent FROM models WHERE parent IS NOT NULL AND parent_id IS NULL"
    let (children, candidates) = try index.translated {
      try index.queue.read { database in
        (
          try Row.fetchAll(
            database,
            sql: """
              SELECT id, file, place, parent, parent_sha256 FROM models
              WHERE parent IS NOT NULL AND parent_id IS NULL
              """),
          try Row.fetchAll(
            database,
            sql: """
              SELECT id, claimed, file, place, sha256 FROM models WHERE claimed IN (\(wanted))
              ORDER BY file
              """)
        )
      }
    }
    guard !children.isEmpty else { return }
    var byName: [String: [Candidate]] = [:]
    var hashes: [Int64: String] = [:]
    for row in candidates {
      try byName[row.cell("claimed"), default: []].append(try Candidate(row))
      try hashes[row.cell("id")] = row.cell("sha256")
    }
    let unknown = try children.map { try $0.cell("parent", as: String.self) }.filter {
      byName[$0] == nil && $0.contains("/")
    }
    if !unknown.isEmpty {
      byName.merge(try byPath(Set(unknown), in: index)) { own, _ in own }
    }
    guard !byName.isEmpty else { return }
    var links: [(child: Int64, parent: Int64)] = []
    for row in children {
      let name: String = try row.cell("parent")
      let wanted: String? = try row.cell("parent_sha256")
      let child = try Candidate(row)
      var possible = (byName[name] ?? []).filter { $0.id != child.id }
      if let wanted {
        for candidate in possible where hashes[candidate.id] == nil {
          hashes[candidate.id] = (try? await FileHash.sha256(ofModel: candidate.file)) ?? ""
        }
        possible = possible.filter { hashes[$0.id] == wanted }
      }
      let one = { (found: [Candidate]) in
        found.first { $0.place.hasSuffix("/" + name) }
          ?? (found.count == 1 || wanted != nil ? found.first : nil)
      }
      let parent =
        one(possible.filter { $0.file.folderOfPath == child.file.folderOfPath })
        ?? one(possible.filter { $0.place.folderOfPath == child.place.folderOfPath })
        ?? (possible.count == 1 || wanted != nil ? possible.first : nil)
      if let parent { links.append((child.id, parent.id)) }
    }
    let (found, known) = (links, hashes.filter { !$0.value.isEmpty })
    try index.translated(.cannotWrite) {
      try index.queue.write { database in
        for link in found {
          try database.cachedStatement(sql: "UPDATE models SET parent_id = ? WHERE id = ?")
            .execute(arguments: [link.parent, link.child])
        }
        for (model, hash) in known {
          try database.cachedStatement(sql: "UPDATE models SET sha256 = ? WHERE id = ?")
            .execute(arguments: [hash, model])
        }
      }
    }
  }

  /// The models whose paths are these, or end so.
  ///
  /// - Complexity: O(models · parts of a path).
  private static func byPath(
    _ wanted: Set<String>, in index: ZooIndex
  ) throws -> [String: [Candidate]] {
    // `./base` and `../base` are from where the child was trained, which is not known.
    var ends: [String: [String]] = [:]
    for name in wanted {
      var end = name[...]
      while end.hasPrefix("./") || end.hasPrefix("../") {
        end = end[end.index(after: end.firstIndex(of: "/") ?? end.startIndex)...]
      }
      while end.count > 1, end.hasSuffix("/") { end.removeLast() }
      ends[String(end), default: []].append(name)
    }
    let rows = try index.translated {
      try index.queue.read {
        try Row.fetchAll($0, sql: "SELECT id, file, place FROM models ORDER BY file")
      }
    }
    var found: [String: [Candidate]] = [:]
    for row in rows {
      let candidate = try Candidate(row)
      var keys: Set<String> = [candidate.file, candidate.place]
      for parts in 1...8 { keys.insert(ModelNames.pathEnd(candidate.place, parts: parts)) }
      for name in keys.compactMap({ ends[$0] }).joined() {
        found[name, default: []].append(candidate)
      }
    }
    return found
  }
}
