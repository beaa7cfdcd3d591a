import Foundation
import GRDB

/// How far a metric's scan has come.
public struct ScanState: Sendable, Hashable {
  /// The metric.
  public var metric: String
  /// The models that were measured.
  public var measured: Int
  /// Those among them that could not be.
  public var failed: Int
}

extension ZooIndex {
  /// How far the scans of all metrics have come, in the order of their names. A scan that runs has
  /// written what it has finished.
  public func scanStates() throws -> [ScanState] {
    try translated {
      try queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT metric, count(*) AS measured, count(reason) AS failed FROM measured
            GROUP BY metric ORDER BY metric
            """
        ).map { row in
          ScanState(
            metric: try row.cell("metric"), measured: try row.cell("measured"),
            failed: try row.cell("failed"))
        }
      }
    }
  }

  /// A number that differs where another process has changed the index in between: whoever keeps
  /// answers asks it whether they still hold.
  public func changeCount() throws -> Int {
    try translated {
      try queue.read { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
    }
  }

  /// Whether a process writes it now, or was ended by force while it did: what is written goes to a
  /// file beside it first.
  public var isBeingWritten: Bool { FileStamp(of: path + "-wal") != nil }

  /// The innermost folder that holds all files of the index, also those that could not be read, with a slash at its end; empty where there
  /// is none.
  public func commonFolder() throws -> String {
    try translated {
      try queue.read { database in
        let row = try Row.fetchOne(
          database,
          sql: """
            SELECT min(path), max(path)
            FROM (SELECT file AS path FROM models UNION ALL SELECT path FROM units)
            """)
        guard let row, let first: String = try row.cell(0), let last: String = try row.cell(1)
        else { return "" }
        // What the first and the last of sorted texts share, all between them do.
        let shared = zip(first.utf8, last.utf8).prefix { $0 == $1 }.map(\.0)
        guard let slash = shared.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(decoding: shared[...slash], as: UTF8.self)
      }
    }
  }
}
