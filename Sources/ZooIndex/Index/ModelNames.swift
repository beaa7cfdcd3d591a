import GRDB
import Support

/// Gives every model of an index a name that no other one has.
///
/// A model goes by what its attributes or its folder call it. Where several are called the same, it
/// stays the name of the one whose file or folder is called so; the others go by the shortest end of
/// their paths that is nobody's: `matched`, `run1/checkpoint-500`.
enum ModelNames {
  /// A model whose name others claim, too.
  struct Claim {
    /// What it is called.
    var name: String
    /// The path that tells which one it is.
    var place: String
  }

  /// Writes the names of all models of the index.
  ///
  /// - Complexity: O(models) rows are looked at, and those of equal names are read.
  static func resolve(in index: ZooIndex) throws {
    try index.translated(.cannotWrite) {
      try index.queue.write { database in
        try fill(database)
        let shared = "SELECT claimed FROM models GROUP BY claimed HAVING count(*) > 1"
        try database.execute(
          sql: """
            UPDATE models SET name = claimed WHERE name IS NOT claimed AND claimed NOT IN (\(shared))
            """)
        let rows = try Row.fetchAll(
          database,
          sql: """
            SELECT id, claimed, place, file FROM models WHERE claimed IN (\(shared))
            ORDER BY claimed, sequence, file, id
            """)
        let statement = try database.makeStatement(
          sql: "SELECT EXISTS(SELECT 1 FROM models WHERE claimed = ?)")
        let places = try rows.map { try $0.cell("place", as: String.self) }
        let counts = Dictionary(places.map { ($0, 1) }, uniquingKeysWith: +)
        let claims = try zip(rows, places).map { row, place in
          // Of two formats of one model, or a file beside a folder, endings tell which is which.
          let file: String = try row.cell("file")
          let isFile = counts[place] != 1 && WeightNames.stem(file) == place
          return Claim(name: try row.cell("claimed"), place: isFile ? file : place)
        }
        let names = try unique(claims) { name in
          try Bool.fetchOne(statement, arguments: [name]) ?? false
        }
        let update = try database.makeStatement(
          sql: "UPDATE models SET name = ? WHERE id = ? AND name IS NOT ?")
        for (row, name) in zip(rows, names) {
          // A path and a row tell all models apart.
          let file: String = try row.cell("file")
          let id: Int64 = try row.cell("id")
          try update.execute(arguments: [name ?? file, id, name ?? file])
        }
      }
    }
  }

  /// Names for models that claim names of others; nil where even the whole path is another's.
  ///
  /// - Parameters:
  ///   - claims: the models, those of one name together.
  ///   - isClaimed: whether a model is called so, be it one of these.
  static func unique(
    _ claims: [Claim], isClaimed: (String) throws -> Bool
  ) rethrows -> [String?] {
    var names: [String?] = Array(repeating: nil, count: claims.count)
    var taken: Set<String> = []
    var start = 0
    while start < claims.count {
      let name = claims[start].name
      let end = claims[start...].firstIndex { $0.name != name } ?? claims.count
      var open = Array(start..<end)
      // Of a file or folder of that name, which may be the end of its path of several parts.
      let owners = open.filter {
        claims[$0].place == name || claims[$0].place.hasSuffix("/" + name)
      }
      if owners.count == 1 {
        names[owners[0]] = name
        open.removeAll { $0 == owners[0] }
      }
      var length = 1
      while !open.isEmpty {
        let ends = open.map { pathEnd(claims[$0].place, parts: length) }
        let counts = Dictionary(ends.map { ($0, 1) }, uniquingKeysWith: +)
        var left: [Int] = []
        for (claim, end) in zip(open, ends) {
          if counts[end] == 1, !taken.contains(end), try !isClaimed(end) {
            names[claim] = end
            taken.insert(end)
          } else if end != claims[claim].place {
            left.append(claim)
          }
        }
        open = left
        length += 1
      }
      start = end
    }
    return names
  }

  /// The last parts of a path; the whole where it has no more.
  static func pathEnd(_ path: String, parts: Int) -> String {
    var count = 0
    let bytes = path.utf8
    for place in bytes.indices.reversed() where bytes[place] == UInt8(ascii: "/") {
      count += 1
      if count == parts { return String(path[bytes.index(after: place)...]) }
    }
    return path
  }

  /// The places of models that an earlier version indexed.
  private static func fill(_ database: Database) throws {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT m.id, m.file, m.claimed, u.layout FROM models m JOIN units u ON u.id = m.unit
        WHERE m.sequence IS NULL
        """)
    guard !rows.isEmpty else { return }
    let statement = try database.makeStatement(
      sql: "UPDATE models SET place = ?, sequence = ? WHERE id = ?")
    for row in rows {
      let file: String = try row.cell("file")
      let layout: String = try row.cell("layout")
      let isFile = WeightNames.isWeightFile(file) || file.hasSuffix(".index.json")
      let place =
        layout == ModelUnit.Layout.folder.rawValue && isFile
        ? file.folderOfPath : WeightNames.stem(file)
      try statement.execute(
        arguments: [place, PathOrder.key(file), try row.cell("id", as: Int64.self)])
    }
  }
}
