import GRDB

/// What an index holds already, and whether it still holds.
struct KnownUnits {
  private struct Unit {
    var id: Int64
    var stamp: String
    var isComplete: Bool
    var isArchive: Bool
    var hasFailed: Bool
    /// The size of the smallest model whose contents were not hashed.
    var smallestUnhashed: Int?
  }

  /// What is to be done with a unit.
  enum State {
    /// It is what it was when it was indexed.
    case current
    /// So it is, but models of it were not hashed, and shall be.
    case lacksHashes
    /// It is to be read.
    case stale
  }

  private var units: [String: Unit] = [:]
  /// The units in archives, by the archive's path.
  private var members: [String: [String]] = [:]

  /// Reads what was indexed.
  init(_ index: ZooIndex) throws {
    let rows = try index.translated {
      try index.queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT u.id, path, stamp, is_complete, layout = 'archive' AS is_archive,
              f.unit IS NOT NULL AS failed,
              (SELECT min(CASE u.layout WHEN 'packed' THEN m.size ELSE m.bytes END)
                FROM models m WHERE m.unit = u.id AND m.content IS NULL) AS unhashed
            FROM units u LEFT JOIN failures f ON f.unit = u.id
            """)
      }
    }
    for row in rows {
      try units[row.cell("path")] = Unit(
        id: row.cell("id"), stamp: row.cell("stamp"), isComplete: row.cell("is_complete"),
        isArchive: row.cell("is_archive"), hasFailed: row.cell("failed"),
        smallestUnhashed: row.cell("unhashed", as: Int?.self))
    }
    for (path, unit) in units where unit.isArchive { members[path] = [] }
    guard !members.isEmpty else { return }
    for path in units.keys {
      for place in path.indices.reversed() where path[place] == "#" {
        let archive = String(path[..<place])
        if members[archive] == nil { continue }
        members[archive]?.append(path)
        break
      }
    }
  }

  /// The units in an archive that was indexed; nil where the path is no such archive.
  func members(of path: String) -> [String]? { members[path] }

  /// Whether a unit is what it was when it was indexed. An archive is where it did not change, and all
  /// of its members are.
  func state(of unit: ModelUnit, options: Indexer.Options) -> State {
    guard let known = units[unit.path], known.isComplete, known.stamp == unit.stamp else {
      return .stale
    }
    let state = state(of: known, options)
    guard state == .current, let members = members[unit.path] else { return state }
    let isCurrent = members.allSatisfy { path in
      units[path].map { $0.isComplete && self.state(of: $0, options) == .current } ?? false
    }
    return isCurrent ? .current : .stale
  }

  private func state(of known: Unit, _ options: Indexer.Options) -> State {
    if known.hasFailed { return options.retriesFailures ? .stale : .current }
    return known.smallestUnhashed.map { $0 <= options.hashLimit } ?? false
      ? .lacksHashes : .current
  }

  /// What lay below the paths and is there no more.
  ///
  /// - Returns: the rows, and how many of them are no archives.
  func gone(_ roots: [String], there: Set<String>) -> (rows: [Int64], count: Int) {
    let gone = units.filter { path, _ in
      !there.contains(path)
        && roots.contains {
          $0 == path || $0 == "/" || path.hasPrefix($0 + "/") || path.hasPrefix($0 + "#")
        }
    }.map(\.value)
    return (gone.map(\.id).sorted(), gone.count { !$0.isArchive })
  }
}
