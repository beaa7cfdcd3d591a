import Catalogs
import Foundation
import GRDB
import Support
import Tensors
import WeightFiles

/// What a reader tells of a unit, in this order: models, then the end or a failure.
enum UnitEvent: Sendable {
  case models([ModelRecord])
  case finished
  case failed(reason: String, code: Diagnostic.Code)
}

/// Takes what readers found and writes it in large transactions. The only writer of the index.
actor IndexWriter {
  private static let batch = 256
  private let index: ZooIndex
  private let isHashed: Bool
  private var events: [(unit: ModelUnit, event: UnitEvent)] = []
  private var written = Date()
  private var begun: [String: Int64] = [:]
  private var names: [String: Int64] = [:]
  private var texts: [[UInt8]: Int64] = [:]
  /// What a person should know of what was written.
  private(set) var notes = IndexNotes()

  /// Prepares to write.
  init(_ index: ZooIndex, isHashed: Bool) {
    self.index = index
    self.isHashed = isHashed
  }

  /// Takes an event; writes when there is enough of them.
  func add(_ event: UnitEvent, of unit: ModelUnit) throws {
    events.append((unit, event))
    if case .models(let records) = event {
      for record in records {
        for note in record.notes { notes.add(note, of: record.file) }
      }
    }
    if events.count >= IndexWriter.batch || Date().timeIntervalSince(written) > 1 { try flush() }
  }

  /// Writes everything that was taken.
  func flush() throws {
    defer { written = Date() }
    guard !events.isEmpty else { return }
    let work = events
    events.removeAll(keepingCapacity: true)
    try index.translated(.cannotWrite) {
      try index.queue.write { database in
        var labels = try LabelTable(database)
        for (unit, event) in work {
          try write(event, of: unit, in: database, labels: &labels)
        }
      }
    }
  }

  private func write(
    _ event: UnitEvent, of unit: ModelUnit, in database: Database, labels: inout LabelTable
  ) throws {
    if unit.lacksHashes {
      switch event {
      case .models(let records): return try addHashes(of: records, of: unit, in: database)
      case .finished: return
      // Reading showed that it is damaged.
      case .failed: break
      }
    }
    let id = try begin(unit, in: database)
    switch event {
    case .models(let records):
      for record in records {
        try insert(record, unit: id, bytes: unit.byteCount, in: database, labels: &labels)
      }
      return
    case .failed(let reason, let code):
      try database.execute(sql: "DELETE FROM models WHERE unit = ?", arguments: [id])
      try database.execute(
        sql: "INSERT OR REPLACE INTO failures(unit, reason, code) VALUES(?, ?, ?)",
        arguments: [id, reason, code.rawValue])
    case .finished: break
    }
    try database.execute(sql: "UPDATE units SET is_complete = 1 WHERE id = ?", arguments: [id])
    // A zoo has many units, and nothing comes after the end of one.
    begun[unit.path] = nil
  }

  /// Fills in the hashes of models that are there, so that what scans found stays.
  private func addHashes(
    of records: [ModelRecord], of unit: ModelUnit, in database: Database
  ) throws {
    for record in records {
      guard
        let model = try Int64.fetchOne(
          database,
          sql: """
            SELECT m.id FROM models m JOIN units u ON u.id = m.unit WHERE u.path = ? AND m.member = ?
            """, arguments: [unit.path, record.member])
      else { continue }
      try database.execute(
        sql: "UPDATE models SET content = ? WHERE id = ?",
        arguments: [record.content.map { Data($0) }, model])
      let statement = try database.cachedStatement(
        sql: "UPDATE tensors SET hash = ? WHERE model = ? AND position = ?")
      for (position, tensor) in record.tensors.enumerated() {
        try statement.execute(arguments: [tensor.hash.map { Data($0) }, model, position])
      }
      let unread = try database.cachedStatement(
        sql: "UPDATE unread SET hash = ? WHERE model = ? AND position = ?")
      for (position, tensor) in record.unread.enumerated() {
        try unread.execute(arguments: [tensor.hash.map { Data($0) }, model, position])
      }
    }
  }

  /// The row of a unit; what was known of it before is removed.
  private func begin(_ unit: ModelUnit, in database: Database) throws -> Int64 {
    if let id = begun[unit.path] { return id }
    try database.cachedStatement(sql: "DELETE FROM units WHERE path = ?")
      .execute(arguments: [unit.path])
    let stamp = FileStamp(ofModel: unit.path)
    try database.cachedStatement(
      sql: """
        INSERT INTO units(path, layout, stamp, modified, is_complete, is_hashed)
        VALUES(?, ?, ?, ?, 0, ?)
        """
    ).execute(arguments: [
      unit.path, unit.layout.rawValue, unit.stamp, stamp?.modified ?? 0, isHashed,
    ])
    let id = database.lastInsertedRowID
    begun[unit.path] = id
    return id
  }

  private func insert(
    _ record: ModelRecord, unit: Int64, bytes: Int, in database: Database,
    labels: inout LabelTable
  ) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO models(unit, member, name, file, format, producer, parameters, tensors, bytes,
          size, dtype, fingerprint, architecture, structure, content, parent, parent_sha256,
          skipped, parts, is_addressable, claimed, place, sequence, head, head_texts)
        VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      unit, record.member, record.name, record.file, record.format.rawValue, record.producer,
      record.parameters, record.tensors.count, record.byteCount, record.partByteCount,
      record.elementType.rawValue, record.fingerprint, record.architecture, record.structure,
      record.content.map { Data($0) }, record.parent, record.parentHash, record.skippedCount,
      PathList.text(of: record.parts), record.isAddressable, record.name, record.place,
      PathOrder.key(record.file), record.head.map { Data($0.bytes) },
      try record.head?.texts.map { String(try id(ofText: $0, in: database)) }
        .joined(separator: ","),
    ])
    let model = database.lastInsertedRowID
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO tensors(model, position, name, shape, dtype, elements, bytes, stored, offset,
          hash, storage) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    for (position, tensor) in record.tensors.enumerated() {
      let entry = tensor.entry
      try statement.execute(arguments: [
        model, position, try id(ofName: entry.name, in: database),
        entry.shape.map(String.init).joined(separator: ","), entry.elementType.rawValue,
        entry.elementCount, entry.byteCount, tensor.storedByteCount, tensor.offset,
        tensor.hash.map { Data($0) }, Data(StorageCode.encode(entry)),
      ])
    }
    try insert(record.unread, of: model, in: database)
    try labels.write(record.labels, of: model, in: database)
  }

  private func insert(
    _ unread: [UnreadTensorRecord], of model: Int64, in database: Database
  ) throws {
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO unread(model, position, name, reason, dtype, shape, bytes, content_shape, hash,
          storage) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    for (position, tensor) in unread.enumerated() {
      let known = tensor.object.tensor
      try statement.execute(arguments: [
        model, position, tensor.object.name, tensor.object.reason, known?.dtype,
        known?.shape.map { $0.map(String.init).joined(separator: ",") }, known?.byteCount,
        known?.content.map { $0.shape.map(String.init).joined(separator: ",") },
        tensor.hash.map { Data($0) }, known?.content.map { Data(StorageCode.encode($0)) },
      ])
    }
  }

  /// The row of a long text that many files share.
  private func id(ofText text: String, in database: Database) throws -> Int64 {
    let hash = Array(SHA256.digest(of: text))
    if let id = texts[hash] { return id }
    try database.cachedStatement(sql: "INSERT OR IGNORE INTO texts(hash, content) VALUES(?, ?)")
      .execute(arguments: [Data(hash), text])
    let id =
      try Int64.fetchOne(
        database, sql: "SELECT id FROM texts WHERE hash = ?", arguments: [Data(hash)])
      ?? 0
    if texts.count < 4096 { texts[hash] = id }
    return id
  }

  private func id(ofName name: String, in database: Database) throws -> Int64 {
    if let id = names[name] { return id }
    try database.execute(sql: "INSERT OR IGNORE INTO names(name) VALUES(?)", arguments: [name])
    let id =
      try Int64.fetchOne(database, sql: "SELECT id FROM names WHERE name = ?", arguments: [name])
      ?? 0
    if names.count < 1_000_000 { names[name] = id }
    return id
  }
}
