import Foundation
package import GRDB
import Support

/// Writes labels as columns, which are made when they are first met.
struct LabelTable {
  /// More columns than SQLite takes are no table any more.
  private static let limit = 1500

  private struct Column {
    var type: String?
    var origins: Set<String>
    var isChanged = false
    var name: String
  }

  private var columns: [String: Column] = [:]
  /// How many labels found no place.
  private(set) var refusedCount = 0

  /// Reads which columns there are.
  init(_ database: Database) throws {
    for row in try Row.fetchAll(database, sql: "SELECT name, type, origins FROM label_columns") {
      let name: String = try row.cell("name")
      let origins: String = try row.cell("origins")
      columns[name.lowercased()] = Column(
        type: try row.cell("type"), origins: Set(origins.split(separator: "\n").map(String.init)),
        name: name)
    }
  }

  /// Writes the labels of a model. Of several of one name the last holds.
  mutating func write(_ labels: [Label], of model: Int64, in database: Database) throws {
    var values: [String: IndexValue] = [:]
    for label in labels where label.value != .null {
      guard let name = try column(for: label, in: database) else { continue }
      values[name] = label.value
    }
    let names = values.keys.sorted()
    guard !names.isEmpty else {
      return try database.execute(
        sql: "INSERT OR IGNORE INTO labels(model) VALUES(?)", arguments: [model])
    }
    let quoted = names.map { "\"\($0)\"" }
    let sql = """
      INSERT INTO labels(model, \(quoted.joined(separator: ", ")))
      VALUES(?\(String(repeating: ", ?", count: names.count)))
      ON CONFLICT(model) DO UPDATE SET
      \(quoted.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
      """
    let statement = try database.cachedStatement(sql: sql)
    try statement.execute(
      arguments: StatementArguments([model] + names.map { (values[$0] ?? .null).databaseValue }))
  }

  /// Empties columns of a model, by the names of their labels; those that there are none of stay so.
  func clear(_ names: [String], of model: Int64, in database: Database) throws {
    let known = names.compactMap { columns[Label.column($0).lowercased()]?.name }
    guard !known.isEmpty else { return }
    let values = known.sorted().map { "\"\($0)\" = NULL" }.joined(separator: ", ")
    try database.cachedStatement(sql: "UPDATE labels SET \(values) WHERE model = ?")
      .execute(arguments: [model])
  }

  /// Where a label goes; nil where there is no more room.
  private mutating func column(for label: Label, in database: Database) throws -> String? {
    let name = label.column
    let key = name.lowercased()
    var column = columns[key]
    if column == nil {
      guard columns.count < LabelTable.limit else {
        refusedCount += 1
        return nil
      }
      try database.execute(sql: "ALTER TABLE labels ADD COLUMN \"\(name)\"")
      try database.execute(
        sql: "INSERT INTO label_columns(name, label, type, origins) VALUES(?, ?, NULL, '')",
        arguments: [name, label.name])
      column = Column(type: nil, origins: [], isChanged: true, name: name)
    }
    guard var known = column else { return nil }
    let type = LabelTable.wider(known.type, label.value.typeName)
    if type != known.type || !known.origins.contains(label.origin) {
      known.type = type
      known.origins.insert(label.origin)
      try database.execute(
        sql: "UPDATE label_columns SET type = ?, origins = ? WHERE name = ?",
        arguments: [type, known.origins.sorted().joined(separator: "\n"), known.name])
    }
    columns[key] = known
    return known.name
  }

  private static func wider(_ first: String?, _ second: String?) -> String? {
    guard let first else { return second }
    guard let second, first != second else { return first }
    return first == "text" || second == "text" ? "text" : "real"
  }
}

extension IndexValue {
  /// The value as SQLite has it.
  package var databaseValue: DatabaseValue {
    switch self {
    case .null: .null
    case .integer(let integer): integer.databaseValue
    case .real(let number): number.databaseValue
    case .text(let text): text.databaseValue
    }
  }

  /// A value of SQLite; blobs as hexadecimal digits.
  package init(_ value: DatabaseValue) {
    self =
      switch value.storage {
      case .null: .null
      case .int64(let integer): .integer(integer)
      case .double(let number): .real(number)
      case .string(let text): .text(text)
      case .blob(let data): .text(data.hexadecimal)
      }
  }
}
