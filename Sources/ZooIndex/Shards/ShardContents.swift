import GRDB
import Support

/// The file of a shard, open to be read. It may come from anywhere: nothing in it is believed.
struct ShardContents {
  /// A model of which there are results.
  struct Model: Sendable {
    var id: Int64
    var file: String
    var modified: Int
    var byteCount: Int
  }

  /// Of which scan it is which part.
  let plan: ShardFacts.Plan
  /// The metrics of which there are results.
  let metrics: [MetricDescription]
  /// The models, by identifier.
  let models: [Model]

  private let path: String
  private let queue: DatabaseQueue

  /// Opens a shard's file.
  ///
  /// - Throws: `Diagnostic`: `noInput` where there is none, `badData` where it is something else.
  init(_ path: String) throws {
    self.path = path
    queue = try ShardFacts.open(path)
    plan = try ShardFacts.plan(of: queue, path)
    metrics = try ShardFile(path: path, queue: queue).metrics()
    models = try ZooIndex.translated(path, .badData) { [queue] in
      try queue.read { database in
        try Row.fetchAll(database, sql: "SELECT id, file, modified, bytes FROM models ORDER BY id")
          .map {
            Model(
              id: try $0.cell(0), file: try $0.cell(1), modified: try $0.cell(2),
              byteCount: try $0.cell(3))
          }
      }
    }
  }

  /// What came of a model, by the metrics that measured it.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  func outcomes(of model: Int64) throws -> [MetricOutcome] {
    try ZooIndex.translated(path, .badData) {
      try queue.read { database in
        try metrics.compactMap { try MetricOutcome($0, of: model, in: database) }
      }
    }
  }

  /// Closes the file.
  func close() { try? queue.close() }
}
