import GRDB
import Support

/// A column that can be asked for.
public struct IndexColumn: Sendable, Hashable, Encodable {
  /// The name in queries.
  public var name: String
  /// What its values are: `integer`, `real`, `text`; nil where the index does not say.
  public var type: String?
  /// Where its values come from: `file`, `attributes`, `result.json`, `scan`.
  public var origins: [String]
}

/// The columns of a subject, and the tables that they come from.
struct IndexColumns {
  /// Names, and the SQL behind them.
  private(set) var all: [(name: String, expression: String)] = []
  private let subject: IndexQuery.Subject
  private let labels: [String]
  private let ownNames: [String]
  /// The tables, joined.
  private(set) var tables = ""

  // Every model has labels and a unit: outer joins say the same as inner ones, and SQLite leaves
  // them out where no column of theirs is asked for.
  private static let modelTables = """
    models m LEFT JOIN units u ON u.id = m.unit LEFT JOIN labels l ON l.model = m.id
    LEFT JOIN models p ON p.id = m.parent_id
    """
  private static let tensorColumns: [(name: String, expression: String)] = [
    ("tensor", "n.name"), ("shape", "t.shape"), ("type", "t.dtype"), ("elements", "t.elements"),
    ("tensor_bytes", "t.bytes"), ("stored", "t.stored"), ("offset", "t.offset"),
    ("hash", "CASE WHEN t.hash IS NOT NULL THEN lower(hex(t.hash)) END"),
    ("position", "t.position"),
  ]

  /// The models' tables, joined to a column.
  private static func tables(of column: String) -> String {
    modelTables.replacing("models m ", with: "models m ON m.id = \(column) ", maxReplacements: 1)
  }

  /// Finds out the columns of a subject.
  ///
  /// - Throws: `Diagnostic` of code `usage` where there are no results of that name.
  init(_ subject: IndexQuery.Subject, in database: Database) throws {
    var own: [(name: String, expression: String)] = []
    switch subject {
    case .models:
      tables = IndexColumns.modelTables
    case .tensors:
      own = IndexColumns.tensorColumns
      tables =
        "tensors t JOIN \(IndexColumns.tables(of: "t.model")) LEFT JOIN names n ON n.id = t.name"
    case .results(let metric):
      let table = ResultTables.table(of: metric)
      guard metric.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }),
        try database.tableExists(table)
      else {
        let known = try String.fetchAll(
          database,
          sql: """
            SELECT substr(name, 8) FROM sqlite_master
            WHERE type = 'table' AND name LIKE 'metric\\_%' ESCAPE '\\' ORDER BY name
            """)
        throw Diagnostic(
          .usage, "the index has no results of '\(metric)'",
          remedy: known.isEmpty
            ? "compute some with \(action: .zooScan)"
            : "there are: \(known.joined(separator: ", "))")
      }
      own = [("tensor", "r.name")]
      for column in try database.columns(in: table)
      where !["model", "item", "name", "tensor"].contains(column.name) {
        own.append((column.name, "r.\"\(column.name)\""))
      }
      tables = "\(table) r JOIN \(IndexColumns.tables(of: "r.model"))"
    }
    let lowercased = Set(own.map { $0.name.lowercased() })
    all = own + ModelColumn.expressions.filter { !lowercased.contains($0.name) }
    self.subject = subject
    ownNames = own.map(\.name)
    labels = try String.fetchAll(
      database,
      // What models were trained on comes before what scans found.
      sql: "SELECT name FROM label_columns ORDER BY origins = 'scan', name")
    let taken = Set(all.map { $0.name.lowercased() })
    for label in labels where !taken.contains(label.lowercased()) {
      all.append((label, "l.\"\(label)\""))
    }
  }

  /// What usually is shown.
  ///
  /// - Complexity: O(models · labels) for models: all labels are looked at.
  func shown(in database: Database) throws -> [String] {
    switch subject {
    case .models: try ModelColumn.shown + IndexColumns.telling(labels, in: database)
    case .tensors: ["name", "tensor", "shape", "type", "elements"]
    case .results: ["name"] + ownNames
    }
  }

  /// The labels in which models differ, settings first, then how good they are: at most ten, as a
  /// terminal is not wide. Those that all models have come before the others. Where all are the same,
  /// the first ones.
  private static func telling(_ labels: [String], in database: Database) throws -> [String] {
    // Folds are asked for by name: they say nothing of a model.
    let folds = try String.fetchAll(
      database, sql: "SELECT name FROM label_columns WHERE origins = ?",
      arguments: [ModelSplits.origin])
    let labels = labels.filter { !folds.contains($0) }
    guard !labels.isEmpty else { return [] }
    // 2 where models differ and all have one, 1 where they differ.
    let marks = labels.map { label in
      let column = "\"\(label)\""
      return "(min(\(column)) IS NOT max(\(column)) OR count(\(column)) % count(*)) "
        + "* (1 + (count(\(column)) = count(*)))"
    }
    let row = try Row.fetchOne(
      database, sql: "SELECT \(marks.joined(separator: ", ")) FROM labels")
    let answers = row.map { Array($0.databaseValues) } ?? []
    let differing = [2, 1].flatMap { mark in
      zip(labels, answers).filter { $1 == mark.databaseValue }.map(\.0)
    }
    if differing.isEmpty { return Array(labels.prefix(8)) }
    let results = differing.filter { $0.contains("accuracy") || $0.contains("loss") }
    let settings = differing.filter { !results.contains($0) }
    return Array(settings.prefix(8) + results.prefix(2))
  }

  /// The column of a name, spelled as it is in the index.
  ///
  /// - Throws: `Diagnostic` of code `usage` with what is alike.
  func column(_ name: String) throws -> String {
    if let column = all.first(where: { $0.name.lowercased() == name.lowercased() }) {
      return column.name
    }
    throw Diagnostic(
      .usage, "there is no column '\(name)'",
      remedy: scanned(name) ?? alike(name)
        ?? "\(action: .zooList, of: "INDEX", with: .showColumns) lists them")
  }

  /// How a scan makes the column, in words; nil where none does.
  private func scanned(_ name: String) -> Wording? {
    let metric = Metrics.all.map(\.description.name).first { name.lowercased().hasPrefix($0 + "_") }
    guard let metric, !all.contains(where: { $0.name.hasPrefix(metric + "_") }) else { return nil }
    return "\(action: .zooScan, of: "INDEX", with: .metrics, metric) makes it"
  }

  /// The columns that someone may have meant, in words; nil where none is near.
  func alike(_ name: String) -> Wording? {
    let names = SimilarNames.of(name, among: all.map(\.name))
    return names.isEmpty ? nil : "there is \(names.joined(separator: ", "))"
  }
}
