import Foundation
import GRDB
import Support

/// What taking shards into an index came to.
public struct MergeSummary: Sendable, Encodable {
  /// Results of models that were taken, by metric and model.
  public var merged = 0
  /// Results that the index had already, the same.
  public var present = 0
  /// Results that the index has otherwise: it keeps its own.
  public var conflicts: [String] = []
  /// Models of shards that the index does not have, or has in another state.
  public var stale: [String] = []
  /// Parts of a scan of which there was no shard: `3/8`.
  public var missingShards: [String] = []
  /// How many models of the index lack a metric that the shards have.
  public var missingModels = 0
  /// Models that could not be measured.
  public var failures: [IndexFailure] = []
}

/// Takes shards into an index. Doing it twice, or in another order, comes to the same.
public struct ShardMerge {
  private let index: ZooIndex
  private var summary = MergeSummary()
  private var parts: [String: (count: Int, numbers: Set<Int>)] = [:]
  private var metrics: [String: MetricDescription] = [:]

  /// Prepares to merge into an index.
  public init(into index: ZooIndex) { self.index = index }

  /// Takes some shards, each in one transaction.
  ///
  /// - Throws: `Diagnostic` where a file is no shard, is damaged, or is of another index.
  public static func merge(_ paths: [String], into index: ZooIndex) throws -> MergeSummary {
    var merge = ShardMerge(into: index)
    for path in paths { try merge.take(path) }
    try merge.finish()
    return merge.summary
  }

  private mutating func take(_ path: String) throws {
    let shard = try ShardContents(path)
    defer { shard.close() }
    guard try shard.plan.index == index.setting("identity") else {
      throw Diagnostic(
        .badData, "this shard is of another index", at: [path],
        remedy: "merge it into the index that it was scanned from")
    }
    parts[shard.plan.hash, default: (shard.plan.count, [])].numbers.insert(shard.plan.number)
    for metric in shard.metrics { metrics[metric.name] = metric }
    try ZooIndex.translated(path, .badData) {
      try index.queue.write { database in
        for metric in shard.metrics { try ResultTables.make(metric, in: database) }
        for model in shard.models {
          let isSame =
            try Bool.fetchOne(
              database,
              sql: """
                SELECT 1 FROM models m JOIN units u ON u.id = m.unit
                WHERE m.id = ? AND m.file = ? AND u.modified = ? AND m.bytes = ?
                """, arguments: [model.id, model.file, model.modified, model.byteCount]) ?? false
          guard isSame else {
            summary.stale.append(model.file)
            continue
          }
          for outcome in try shard.outcomes(of: model.id) {
            try take(outcome, of: model, into: database)
          }
        }
      }
    }
  }

  private mutating func take(
    _ new: MetricOutcome, of model: ShardContents.Model, into database: Database
  ) throws {
    let (metric, file) = (new.metric, model.file)
    if let reason = new.reason {
      summary.failures.append(
        IndexFailure(file: file, reason: "\(metric.name): \(reason)", code: .badData))
    }
    if let old = try MetricOutcome(metric, of: model.id, in: database),
      old.metric.settings == new.metric.settings
    {
      if old == new {
        summary.present += 1
      } else {
        summary.conflicts.append("\(file): \(metric.name)")
      }
      return
    }
    try new.write(to: database, model: model.id, hasLabels: true)
    summary.merged += 1
  }

  private mutating func finish() throws {
    for part in parts.values.sorted(by: { $0.count < $1.count }) {
      summary.missingShards += (0..<part.count).filter { !part.numbers.contains($0) }
        .map { "\($0)/\(part.count)" }
    }
    let names = metrics.keys.sorted()
    summary.missingModels = try index.translated {
      try index.queue.read { database in
        let done = names.map { "SELECT model FROM measured WHERE metric = '\($0)'" }
          .joined(separator: " INTERSECT ")
        return done.isEmpty
          ? 0
          : try Int.fetchOne(
            database, sql: "SELECT count(*) FROM models WHERE id NOT IN (\(done))") ?? 0
      }
    }
  }
}

extension ResultStore {
  /// The metrics of which there are results.
  func metrics() throws -> [MetricDescription] {
    try ZooIndex.translated(path, .badData) {
      try queue.read { database in
        try Row.fetchAll(database, sql: "SELECT name, columns FROM metrics ORDER BY name").map {
          row in
          let (name, columns): (String, String) = (
            try row.cell("name"), try row.cell("columns")
          )
          guard MetricDescription.isName(name),
            columns.split(separator: "\n").allSatisfy({ MetricDescription.isName($0) })
          else {
            throw Diagnostic(
              .badData, "what it calls a metric is none", at: [path],
              remedy: "it is damaged, or no file of this tool: make it again")
          }
          return MetricDescription(
            name: name, settings: "", columns: columns.split(separator: "\n").map(String.init))
        }
      }
    }
  }
}

extension MetricDescription {
  /// Whether a text is a name: letters, digits and underlines.
  static func isName(_ text: some StringProtocol) -> Bool {
    !text.isEmpty
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }
}

extension ZooIndex {
  /// The metrics of which the index has results.
  public func scannedMetrics() throws -> [MetricDescription] { try metrics() }
}
