import Foundation
import GRDB
import Support

/// Where results are written: an index, or the file of a shard. Each model's results of a metric are
/// one transaction, so that a kill loses no more than the model in work.
protocol ResultStore: Sendable {
  /// The database.
  var queue: DatabaseQueue { get }
  /// Its path, for errors.
  var path: String { get }
  /// Whether figures of whole models become columns.
  var hasLabels: Bool { get }
}

extension ZooIndex: ResultStore {
  package var hasLabels: Bool { true }
}

extension ResultStore {
  /// Makes the tables of some metrics.
  func prepare(_ metrics: [any Metric]) throws {
    try ZooIndex.translated(path, .cannotWrite) {
      try queue.write { database in
        for metric in metrics { try ResultTables.make(metric.description, in: database) }
      }
    }
  }

  /// Writes what came of a model, all metrics at once.
  func record(_ outcomes: [MetricOutcome], of model: Int64) throws {
    try ZooIndex.translated(path, .cannotWrite) {
      try queue.write { database in
        for outcome in outcomes {
          try outcome.write(to: database, model: model, hasLabels: hasLabels)
        }
      }
    }
  }
}

extension ResultStore {
  /// The models that metrics could not measure.
  func refusals(
    _ models: [Int64], _ metrics: [any Metric], in index: ZooIndex
  ) throws -> [IndexFailure] {
    let names = Set(metrics.map(\.description.name))
    let wanted = Set(models)
    let found = try ZooIndex.translated(path, .badData) {
      try queue.read { database in
        try Row.fetchAll(
          database, sql: "SELECT model, metric, reason FROM measured WHERE reason IS NOT NULL")
      }
    }
    return try found.compactMap { row in
      let (model, metric): (Int64, String) = (
        try row.cell("model"), try row.cell("metric")
      )
      guard wanted.contains(model), names.contains(metric) else { return nil }
      return IndexFailure(
        file: try index.file(of: model) ?? "model \(model)",
        reason: "\(metric): \(try row.cell("reason", as: String.self))",
        code: .badData)
    }
  }
}

extension ZooIndex {
  /// The file of a model.
  package func file(of model: Int64) throws -> String? {
    try translated {
      try queue.read {
        try String.fetchOne($0, sql: "SELECT file FROM models WHERE id = ?", arguments: [model])
      }
    }
  }
}
