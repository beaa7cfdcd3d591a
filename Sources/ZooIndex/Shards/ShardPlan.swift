import Foundation
import GRDB
import Support
import WeightFiles

/// Which models a shard scans, for which metrics: the same for every shard of a scan, however much of
/// it is done already.
struct ShardPlan {
  /// What tells plans apart.
  let facts: ShardFacts.Plan
  /// The models of this part.
  let models: [Int64]
  private let rows: [(id: Int64, file: String, modified: Int, byteCount: Int)]
  private let metrics: [MetricDescription]

  /// Plans a part of a scan.
  init(_ index: ZooIndex, place: ShardPlace, options: ZooScanner.Options) throws {
    let wanted = Set(try index.models(where: options.filter))
    let found = try index.translated {
      try index.queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT m.id, m.file, u.modified, m.bytes FROM models m JOIN units u ON u.id = m.unit
            ORDER BY m.bytes DESC, m.file
            """
        ).map { row -> (id: Int64, file: String, modified: Int, byteCount: Int) in
          (try row.cell(0), try row.cell(1), try row.cell(2), try row.cell(3))
        }
      }
    }.filter { wanted.contains($0.id) }
    let taken = place.take(from: found.map { ($0.id, ScanItem.work($0.byteCount)) })
    let own = Set(taken)
    models = taken
    rows = found.filter { own.contains($0.id) }
    metrics = options.metrics.map(\.description)
    let text =
      found.map { "\($0.id) \($0.file) \($0.modified) \($0.byteCount)" }
      + metrics.map { "\($0.name) \($0.settings)" }
      + options.metrics.flatMap { metric in
        metric is any ComparingMetric ? found.map { metric.settings(for: $0.id) } : []
      }
    facts = ShardFacts.Plan(
      index: try index.setting("identity") ?? "",
      hash: FileHash.sha256(of: text.joined(separator: "\n")), number: place.number,
      count: place.count)
  }

  /// Writes the plan into the file of a new shard.
  func write(to database: Database) throws {
    try database.execute(sql: "PRAGMA application_id = \(ShardFile.applicationID)")
    try database.execute(
      sql: """
        CREATE TABLE shard(
          identity TEXT NOT NULL, plan TEXT NOT NULL, number INTEGER NOT NULL,
          count INTEGER NOT NULL);
        CREATE TABLE models(
          id INTEGER PRIMARY KEY, file TEXT NOT NULL, modified INTEGER NOT NULL,
          bytes INTEGER NOT NULL);
        """ + ResultTables.sql)
    try database.execute(
      sql: "INSERT INTO shard VALUES(?, ?, ?, ?)",
      arguments: [facts.index, facts.hash, facts.number, facts.count])
    let statement = try database.makeStatement(sql: "INSERT INTO models VALUES(?, ?, ?, ?)")
    for row in rows {
      try statement.execute(arguments: [row.id, row.file, row.modified, row.byteCount])
    }
  }
}

/// What a shard's file says of itself.
struct ShardFacts {
  /// Of which plan it is which part.
  struct Plan: Sendable, Hashable {
    var index: String
    var hash: String
    var number: Int
    var count: Int
  }

  let plan: Plan

  /// Reads a shard's file.
  ///
  /// - Throws: `Diagnostic` of code `noInput`, or `badData` where it is none.
  init(_ path: String) throws {
    let queue = try ShardFacts.open(path)
    defer { try? queue.close() }
    plan = try ShardFacts.plan(of: queue, path)
  }

  /// Opens a shard's file to be read.
  static func open(_ path: String) throws -> DatabaseQueue {
    guard FileStamp(of: path)?.kind == .file else {
      throw Diagnostic(
        .noInput, "there is no such shard", at: [path],
        remedy: "check the path; \(action: .zooScan, with: .shard) writes shards")
    }
    return try ZooIndex.translated(path, .badData) {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA trusted_schema = OFF") }
      return try DatabaseQueue(path: path, configuration: configuration)
    }
  }

  /// The plan of an open shard.
  static func plan(of queue: DatabaseQueue, _ path: String) throws -> Plan {
    try ZooIndex.translated(path, .badData) {
      try queue.read { database in
        guard
          try Int.fetchOne(database, sql: "PRAGMA application_id") == ShardFile.applicationID,
          // A view may compute without end.
          try Int.fetchOne(database, sql: ResultTables.foreignCount) == 0,
          let row = try Row.fetchOne(database, sql: "SELECT * FROM shard")
        else {
          throw Diagnostic(
            .badData, "this is no shard", at: [path],
            remedy: "give files that \(action: .zooScan, with: .shard) wrote")
        }
        let (number, count): (Int, Int) = (try row.cell("number"), try row.cell("count"))
        // Whoever merges it goes through all numbers.
        guard (try? ShardPlace(number: number, of: count))?.number == number else {
          throw Diagnostic(.badData, "there is no part \(number) of \(count)", at: [path])
        }
        return Plan(
          index: try row.cell("identity"), hash: try row.cell("plan"), number: number,
          count: count)
      }
    }
  }
}
