import GRDB

/// What an index holds already, and whether it still holds.
struct KnownUnits {
  private struct Unit {
    var id: Int64
    var stamp: String
    var isComplete: Bool
    var isHashed: Bool
    var hasFailed: Bool
  }

  private var units: [String: Unit] = [:]

  /// Reads what was indexed.
  init(_ index: ZooIndex) throws {
    let rows = try index.translated {
      try index.queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT u.id, path, stamp, is_complete, is_hashed, f.unit IS NOT NULL AS failed
            FROM units u LEFT JOIN failures f ON f.unit = u.id
            """)
      }
    }
    for row in rows {
      try units[row.cell("path")] = Unit(
        id: row.cell("id"), stamp: row.cell("stamp"), isComplete: row.cell("is_complete"),
        isHashed: row.cell("is_hashed"), hasFailed: row.cell("failed"))
    }
  }

  /// Whether a unit is what it was when it was indexed.
  func isCurrent(_ unit: ModelUnit, options: Indexer.Options) -> Bool {
    guard let known = units[unit.path], known.isComplete, known.stamp == unit.stamp else {
      return false
    }
    if known.hasFailed { return !options.retriesFailures }
    return known.isHashed || options.hashLimit == 0
  }

  /// What lay below the paths and is there no more.
  func gone(_ roots: [String], found: [ModelUnit]) -> [Int64] {
    let there = Set(found.map(\.path))
    return units.filter { path, _ in
      !there.contains(path)
        && roots.contains { $0 == path || $0 == "/" || path.hasPrefix($0 + "/") }
    }.map(\.value.id).sorted()
  }
}
