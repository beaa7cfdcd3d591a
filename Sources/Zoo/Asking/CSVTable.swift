import GRDB
import WorkbenchCore

/// A table of comma-separated values with a heading, that is asked as an index is.
public struct CSVTable: Sendable {
  /// The names of the columns.
  public let columns: [String]
  /// The rows, each with a cell a column.
  public let rows: [[String]]
  private let path: String

  /// Reads a table, plain or gzip-compressed.
  ///
  /// - Throws: `Diagnostic` of code `noInput`, or `badData` with the line: a row of another length, a
  ///   quotation that does not end, a name that stands twice in the heading.
  public init(contentsOf path: String) throws {
    let table = try TableFile(contentsOf: path)
    self.path = path
    columns = table.columns.map { $0.trimmingBlanks }
    rows = table.rows
    var seen: Set<String> = []
    for name in columns where !name.isEmpty && !seen.insert(name.lowercased()).inserted {
      throw Diagnostic(
        .badData, "two columns are called '\(name)'", at: [path], remedy: "rename one of them")
    }
    guard columns.count <= 1000 else {
      throw Diagnostic(
        .badData, "it has \(columns.count) columns", at: [path], remedy: "up to 1000 can be asked")
    }
  }

  /// The numbers of the rows, from 0, for which an SQL expression over the columns holds.
  ///
  /// - Throws: `Diagnostic` of code `usage` where the expression makes no sense.
  public func rows(where filter: String?) throws -> [Int] {
    guard let filter else { return Array(rows.indices) }
    try QueryStatement.check(filter)
    do {
      return try DatabaseQueue().write { database in
        let names = columns.map { "\"\($0.replacing("\"", with: "\"\""))\"" }
        let named = names.indices.filter { !columns[$0].isEmpty }
        guard !named.isEmpty else { return Array(rows.indices) }
        try database.execute(
          sql: "CREATE TABLE cells(\(named.map { names[$0] }.joined(separator: ", ")))")
        let statement = try database.makeStatement(
          sql: "INSERT INTO cells VALUES(\(named.map { _ in "?" }.joined(separator: ", ")))")
        for row in rows {
          try statement.execute(
            arguments: StatementArguments(
              named.map { IndexValue(cell: row[$0].trimmingBlanks).databaseValue }))
        }
        return try Int.fetchAll(
          database, sql: "SELECT rowid - 1 FROM cells WHERE (\n\(filter)\n) ORDER BY rowid")
      }
    } catch let error as DatabaseError {
      throw Diagnostic(
        .usage, "the question cannot be asked: \(error.message ?? "SQLite gives no reason")",
        at: [path],
        remedy: "write an expression over its columns, such as \"\(columns.first ?? "width") > 2\"")
    }
  }
}

extension String {
  /// The text without blanks at its ends.
  public var trimmingBlanks: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}
