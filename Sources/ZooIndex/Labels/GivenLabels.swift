import Foundation
import GRDB
import Support

/// Tables of labels that the user gives: a row a model, found by its file or its name.
enum GivenLabels {
  private static let keys = ["file", "path", "model", "name"]
  private static let setting = "label files"

  /// Writes the labels of some tables, and of those that were given before.
  ///
  /// - Returns: what a person should know: rows without a model, tables that are gone.
  static func apply(_ tables: [String], to index: ZooIndex) throws -> [String] {
    let before = try index.setting(setting).map(PathList.paths) ?? []
    var all = before
    for table in tables where !all.contains(table) { all.append(table) }
    guard !all.isEmpty else { return [] }
    try index.set(setting, to: PathList.text(of: all))
    var warnings: [String] = []
    let models = try ModelKeys(index)
    for path in all {
      guard tables.contains(path) || FileStamp(of: path) != nil else {
        warnings.append("\(path): this table of labels is gone; what it said before is kept")
        continue
      }
      warnings += try apply(try TableFile(contentsOf: path), path, models, to: index)
    }
    return warnings
  }

  private static func apply(
    _ table: TableFile, _ path: String, _ models: ModelKeys, to index: ZooIndex
  ) throws -> [String] {
    let lowercase = table.columns.map { $0.lowercased() }
    guard let key = keys.compactMap({ lowercase.firstIndex(of: $0) }).first else {
      throw Diagnostic(
        .badData, "no column says which model a row is of", at: [path],
        remedy: "name a column 'file' or 'name'")
    }
    let origin = (path as NSString).lastPathComponent
    var unknown: [String] = []
    try index.translated(.cannotWrite) {
      try index.queue.write { database in
        var labels = try LabelTable(database)
        for row in table.rows {
          let found = models.models(named: row[key])
          if found.isEmpty { unknown.append(row[key]) }
          let values = table.columns.indices.filter { $0 != key }.map { place in
            Label(table.columns[place], IndexValue(cell: row[place]), origin: origin)
          }
          for model in found { try labels.write(values, of: model, in: database) }
        }
      }
    }
    guard let first = unknown.first else { return [] }
    return ["\(path): \(unknown.count) rows are of no model of the index, such as \(first)"]
  }
}

/// Finds models by what people call them.
private struct ModelKeys {
  private var byName: [String: Int64] = [:]
  private var byKey: [String: [Int64]] = [:]

  init(_ index: ZooIndex) throws {
    let rows = try index.translated {
      try index.queue.read {
        try Row.fetchAll($0, sql: "SELECT id, name, claimed, file FROM models")
      }
    }
    for row in rows {
      let id: Int64 = try row.cell("id")
      let file: String = try row.cell("file")
      try byName[row.cell("name")] = id
      // What it is called, the file's name with and without its ending, and every longer end of its path.
      var keys: Set<String> = [try row.cell("claimed")]
      let parts = file.split(separator: "/")
      for count in 1...max(1, min(parts.count, 8)) {
        keys.insert(parts.suffix(count).joined(separator: "/"))
      }
      keys.insert(file)
      keys.insert(WeightNames.stem(parts.last.map(String.init) ?? file))
      for key in keys { byKey[key, default: []].append(id) }
    }
  }

  /// The models of a name; none where it is empty.
  func models(named name: String) -> [Int64] {
    let key = name.hasPrefix("./") ? String(name.dropFirst(2)) : name
    if let model = byName[key] { return [model] }
    return key.isEmpty ? [] : byKey[key] ?? []
  }
}

extension ZooIndex {
  /// A setting; nil where it was not made.
  package func setting(_ name: String) throws -> String? {
    try translated {
      try queue.read {
        try String.fetchOne(
          $0, sql: "SELECT value FROM settings WHERE name = ?", arguments: [name])
      }
    }
  }

  /// Makes a setting.
  package func set(_ name: String, to value: String) throws {
    try translated(.cannotWrite) {
      try queue.write {
        try $0.execute(
          sql: "INSERT OR REPLACE INTO settings(name, value) VALUES(?, ?)",
          arguments: [name, value])
      }
    }
  }
}
