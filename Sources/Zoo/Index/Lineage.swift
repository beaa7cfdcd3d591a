import Foundation
import GRDB
import WorkbenchCore

/// Finds the parents that models name among the models of the index.
enum Lineage {
  /// Links each model to its parent: the one of that name in the same folder, or of that name alone.
  /// Where the child knows the SHA-256 of its parent's file, only that file will do.
  static func resolve(in index: ZooIndex) async throws {
    let (children, candidates) = try index.translated {
      try index.queue.read { database in
        (
          try Row.fetchAll(
            database,
            sql: """
              SELECT id, file, parent, parent_sha256 FROM models
              WHERE parent IS NOT NULL AND parent_id IS NULL
              """),
          try Row.fetchAll(
            database,
            sql: """
              SELECT id, name, file, sha256 FROM models WHERE name IN
                (SELECT parent FROM models WHERE parent IS NOT NULL AND parent_id IS NULL)
              ORDER BY file
              """)
        )
      }
    }
    guard !children.isEmpty, !candidates.isEmpty else { return }
    var byName: [String: [(id: Int64, file: String)]] = [:]
    var hashes: [Int64: String] = [:]
    for row in candidates {
      try byName[row.cell("name"), default: []].append((row.cell("id"), row.cell("file")))
      try hashes[row.cell("id")] = row.cell("sha256")
    }
    var links: [(child: Int64, parent: Int64)] = []
    for row in children {
      let name: String = try row.cell("parent")
      let wanted: String? = try row.cell("parent_sha256")
      let folder = try row.cell("file", as: String.self).folderOfPath
      var possible = byName[name] ?? []
      if let wanted {
        for candidate in possible where hashes[candidate.id] == nil {
          hashes[candidate.id] = (try? await FileHash.sha256(ofModel: candidate.file)) ?? ""
        }
        possible = possible.filter { hashes[$0.id] == wanted }
      }
      let near = possible.first { $0.file.folderOfPath == folder }
      if let parent = near ?? (possible.count == 1 || wanted != nil ? possible.first : nil) {
        links.append((try row.cell("id"), parent.id))
      }
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
}
