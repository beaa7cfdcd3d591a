package import Catalogs
import Formats
import Foundation
import GRDB
import Support
import Tensors
import WeightFiles

/// A model that is to be scanned, as the index knows it.
package struct ScanItem: Sendable {
  /// The model's row.
  var id: Int64
  /// Its file, with the member after a `#`.
  var file: String
  /// The unit's path, and what it looked like when it was indexed.
  var path: String
  var modified: Int
  /// Whether it can be read by offset.
  var isAddressable: Bool
  var format: Catalog.Format
  var producer: String?
  var parts: [String]
  /// The size of its parts together.
  var partByteCount: Int
  var isMember: Bool
  /// The size of its tensors in memory: how much work it is. See `ScanItem.work(_:)`.
  var byteCount: Int
  /// The metrics that are missing.
  var metrics: [any Metric]

  /// How much work a model of so many bytes is, as an index says: no more than 2⁴⁰, so that what is
  /// not true cannot overflow a sum.
  static func work(_ byteCount: Int) -> Int { min(max(0, byteCount), 1 << 40) }

  /// An error without the file's own name, which stands beside it.
  func reason(_ error: Diagnostic) -> String {
    var error = error
    error.location.removeAll { $0 == path || $0 == file }
    return error.description
  }

  /// Opens the model: by what the index knows where that is enough.
  ///
  /// - Parameters:
  ///   - index: the index that the item is of.
  ///   - inFull: whether the file's attributes and documents are wanted all the same.
  func open(
    from index: ZooIndex, _ entries: [TensorEntry], inFull: Bool = false, budget: MemoryBudget?,
    limits: WorkerLimits
  ) async throws -> ScannedModel {
    guard let stamp = FileStamp(ofModel: path) else {
      throw Diagnostic(
        .noInput, "the file is gone", remedy: "bring the index up to date with \(action: .zooIndex)"
      )
    }
    guard stamp.modified == modified else {
      throw Diagnostic(
        .badData, "the file changed since it was indexed",
        remedy: "bring the index up to date with \(action: .zooIndex)")
    }
    var catalog = Catalog(
      file: path, format: format, producer: producer, byteCount: partByteCount, tensors: entries,
      parts: parts)
    let needsHead = inFull || metrics.contains(where: \.needsGraph)
    if isAddressable, try !needsHead || index.readHead(of: id, into: &catalog) {
      return try ScannedModel(
        try WeightFile.reopen(catalog), entries: entries, budget: budget)
    }
    let file = try await WeightFile.open(path, limits: limits)
    return try ScannedModel(file, entries: isMember ? entries : nil, budget: budget)
  }

  /// Opens the models that metrics measure this one beside, each once. They are outside of the budget:
  /// whoever waited for room while holding some could wait for ever.
  ///
  /// - Throws: `Diagnostic` of code `failed` where one cannot be opened: that is no fault of this model, and
  ///   is tried again.
  func openCompanions(
    in index: ZooIndex, limits: WorkerLimits
  ) async throws -> [Int64: ScannedModel] {
    var opened: [Int64: ScannedModel] = [:]
    for metric in metrics {
      for id in metric.companions(of: id) where opened[id] == nil {
        let item = try index.companion(id)
        do {
          opened[id] = try await item.open(
            from: index, index.entries(of: id), inFull: true, budget: nil, limits: limits)
        } catch let error as Diagnostic {
          throw Diagnostic(
            .failed, error.message, at: ["beside it \(item.file)"], remedy: error.remedy)
        }
      }
    }
    return opened
  }
}

extension ZooIndex {
  /// Puts what a model's file says beside its tensors into a catalogue.
  ///
  /// - Returns: false where the index does not keep it.
  func readHead(of model: Int64, into catalog: inout Catalog) throws -> Bool {
    try translated {
      try queue.read { database in
        guard
          let row = try Row.fetchOne(
            database, sql: "SELECT head, head_texts FROM models WHERE id = ? AND head IS NOT NULL",
            arguments: [model])
        else { return false }
        let head: Data = try row.cell("head")
        let list: String = try row.cell("head_texts")
        let texts = try list.split(separator: ",").map { id in
          try String.fetchOne(
            database, sql: "SELECT content FROM texts WHERE id = ?", arguments: [Int64(id)])
        }
        guard !texts.contains(nil) else { throw CodeReader.damaged }
        try HeadCode.read([UInt8](head), texts: texts.compactMap { $0 }, into: &catalog)
        return true
      }
    }
  }

  /// The tensors of a model, as they were catalogued.
  package func entries(of model: Int64) throws -> [TensorEntry] {
    try translated {
      let rows = try queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT n.name, shape, dtype, storage FROM tensors t JOIN names n ON n.id = t.name
            WHERE t.model = ? ORDER BY position
            """, arguments: [model])
      }
      return try rows.map { row in
        let shape: String = try row.cell("shape")
        let storage: Data = try row.cell("storage")
        guard let type = ElementType(rawValue: try row.cell("dtype")) else {
          throw CodeReader.damaged
        }
        return try StorageCode.decode(
          [UInt8](storage), name: try row.cell("name"),
          shape: shape.split(separator: ",").compactMap { Int($0) }, elementType: type)
      }
    }
  }

  /// The models of some identifiers that lack results of metrics, the largest first.
  package func scanItems(
    _ models: [Int64], metrics: [any Metric], done elsewhere: [Int64: [String: String]]? = nil
  ) throws -> [ScanItem] {
    let wanted = Set(models)
    let here = try measuredSettings()
    let done = here.merging(elsewhere ?? [:]) { $0.merging($1) { $1 } }
    return try translated {
      let rows = try queue.read { database in
        try Row.fetchAll(
          database, sql: ScanItem.sql + "ORDER BY m.bytes DESC, m.file, m.member")
      }
      return try rows.compactMap { row -> ScanItem? in
        let id: Int64 = try row.cell("id")
        guard wanted.contains(id) else { return nil }
        let missing = metrics.filter {
          $0.applies(to: id) && done[id]?[$0.description.name] != $0.settings(for: id)
        }
        return missing.isEmpty ? nil : try ScanItem(row, metrics: missing)
      }
    }
  }

  /// A model that others are measured beside.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the index has none of that identifier.
  func companion(_ model: Int64) throws -> ScanItem {
    let item = try translated {
      let row = try queue.read { database in
        try Row.fetchOne(database, sql: ScanItem.sql + "WHERE m.id = ?", arguments: [model])
      }
      return try row.flatMap { try ScanItem($0, metrics: []) }
    }
    guard let item else {
      throw Diagnostic(.badData, "the index has no model \(model)", at: [path])
    }
    return item
  }
}

extension ScanItem {
  fileprivate static let sql = """
    SELECT m.id, m.file, u.path, u.modified, m.is_addressable, m.format, m.producer, m.parts, m.size,
      m.member <> '' AS is_member, m.bytes
    FROM models m JOIN units u ON u.id = m.unit\u{20}
    """

  /// Reads a row of the index; nil where it is of a format that this version does not know.
  fileprivate init?(_ row: Row, metrics: [any Metric]) throws {
    guard let format = Catalog.Format(rawValue: try row.cell("format")) else { return nil }
    let parts: String = try row.cell("parts")
    self.init(
      id: try row.cell("id"), file: try row.cell("file"), path: try row.cell("path"),
      modified: try row.cell("modified"), isAddressable: try row.cell("is_addressable"),
      format: format, producer: try row.cell("producer"), parts: PathList.paths(in: parts),
      partByteCount: try row.cell("size"), isMember: try row.cell("is_member"),
      byteCount: ScanItem.work(try row.cell("bytes")), metrics: metrics)
  }
}

extension ResultStore {
  /// Which metrics were computed for which model, with what settings. Failures count as computed
  /// until the file changes.
  func measuredSettings() throws -> [Int64: [String: String]] {
    try ZooIndex.translated(path, .badData) {
      try queue.read { database in
        var done: [Int64: [String: String]] = [:]
        let rows = try Row.fetchCursor(
          database, sql: "SELECT model, metric, settings FROM measured")
        while let row = try rows.next() {
          try done[row.cell(0), default: [:]][row.cell(1)] = row.cell(2)
        }
        return done
      }
    }
  }
}
