import Foundation
import GRDB
import Support

/// What an index holds after it was brought up to date.
public struct IndexSummary: Sendable {
  /// The models in the index.
  public var models = 0
  /// Their tensors.
  public var tensors = 0
  /// The parameters of all models together.
  public var parameters = 0
  /// The architectures: different fingerprints, or structures where there is none.
  public var architectures = 0
  /// The columns of labels.
  public var labels: [String] = []
  /// How many files were read.
  public var read = 0
  /// How many were as they had been.
  public var unchanged = 0
  /// How many were gone.
  public var removed = 0
  /// What is not in the index, in the order of names.
  public var failures: [IndexFailure] = []
  /// What a person should know.
  public var warnings: [String] = []

  mutating func count(_ index: ZooIndex, unreadable: [IndexFailure]) throws {
    try index.translated {
      try index.queue.read { database in
        models = try Int.fetchOne(database, sql: "SELECT count(*) FROM models") ?? 0
        parameters =
          try Int.fetchOne(database, sql: "SELECT coalesce(sum(parameters), 0) FROM models") ?? 0
        tensors =
          try Int.fetchOne(database, sql: "SELECT coalesce(sum(tensors), 0) FROM models") ?? 0
        architectures =
          try Int.fetchOne(
            database, sql: "SELECT count(DISTINCT coalesce(fingerprint, structure)) FROM models")
          ?? 0
        labels = try String.fetchAll(database, sql: "SELECT name FROM label_columns ORDER BY name")
      }
    }
    failures = (try index.failures() + unreadable).sorted {
      NaturalOrder.precedes($0.file, $1.file)
    }
  }
}

extension ZooIndex {
  /// What could not be indexed, in the order of names.
  public func failures() throws -> [IndexFailure] {
    try translated {
      try queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT path, reason, code FROM failures f JOIN units u ON u.id = f.unit ORDER BY path
            """
        ).map { row in
          IndexFailure(
            file: try row.cell("path"), reason: try row.cell("reason"),
            code: Diagnostic.Code(rawValue: try row.cell("code")) ?? .badData)
        }
      }
    }
  }
}
