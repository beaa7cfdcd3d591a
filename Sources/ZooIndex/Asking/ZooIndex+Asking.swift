import Foundation
import GRDB
import Support

extension ZooIndex {
  /// Answers a question. The filter is SQL of the user's: it is run on a connection that can only
  /// read, and ended when it takes too long.
  ///
  /// - Throws: `Diagnostic` of code `usage` where the SQL makes no sense or a column is unknown,
  ///   `failed` where it takes longer than it may.
  public func ask(_ query: IndexQuery) throws -> IndexAnswer {
    let watch = QueryWatch(queue, seconds: query.seconds)
    defer { watch.end() }
    do {
      return try readAnswer(query)
    } catch let error as DatabaseError {
      throw refusal(error, query)
    } catch is RowDecodingError {
      throw ZooIndex.damagedCell(path)
    }
  }

  private func readAnswer(_ query: IndexQuery) throws -> IndexAnswer {
    try queue.read { database in
      let columns = try IndexColumns(query.subject, in: database)
      let statement = try QueryStatement(query, columns) { try columns.shown(in: database) }
      let rows = try Row.fetchCursor(
        database, sql: statement.sql,
        arguments: StatementArguments(
          query.arguments.map(\.databaseValue)
            + (query.limit.map { limit in
              [limit.databaseValue] + (query.offset > 0 ? [query.offset.databaseValue] : [])
            } ?? [])))
      var answer = IndexAnswer(columns: statement.names, rows: [])
      while let row = try rows.next() {
        answer.rows.append((0..<row.count).map { IndexValue(row[$0] as DatabaseValue) })
      }
      return answer
    }
  }

  /// The columns that can be asked for.
  public func columns(of subject: IndexQuery.Subject = .models) throws -> [IndexColumn] {
    try translated {
      try queue.read { database in
        let labels = try Row.fetchAll(
          database, sql: "SELECT name, type, origins FROM label_columns")
        let byName = Dictionary(
          try labels.map { row -> (String, (String?, String)) in
            (try row.cell("name", as: String.self), (try row.cell("type"), try row.cell("origins")))
          }, uniquingKeysWith: { first, _ in first })
        return try IndexColumns(subject, in: database).all.map { column in
          if let (type, origins) = byName[column.name] {
            return IndexColumn(
              name: column.name, type: type,
              origins: origins.split(separator: "\n").map(String.init))
          }
          // A metric's own columns.
          if column.expression.hasPrefix("r.\"") {
            return IndexColumn(name: column.name, type: "real", origins: ["scan"])
          }
          return IndexColumn(
            name: column.name,
            type: ModelColumn.integers.contains(column.name) ? "integer" : "text",
            origins: ["file"])
        }
      }
    }
  }

  /// The columns that are shown where a question names none.
  ///
  /// - Complexity: O(models · labels).
  public func usualColumns(of subject: IndexQuery.Subject = .models) throws -> [String] {
    try translated {
      try queue.read { try IndexColumns(subject, in: $0).shown(in: $0) }
    }
  }

  /// The identifiers of the models that a filter takes, in the order of their files.
  package func models(where filter: String?, subject: IndexQuery.Subject = .models) throws
    -> [Int64]
  {
    var query = IndexQuery()
    query.filter = filter
    query.columns = ["id"]
    return try ask(query).rows.compactMap { row in
      if case .integer(let id)? = row.first { id } else { nil }
    }
  }

  private func refusal(_ error: DatabaseError, _ query: IndexQuery) -> Diagnostic {
    switch error.resultCode {
    case .SQLITE_INTERRUPT:
      Diagnostic(
        .failed, "the question took longer than \(query.seconds) seconds and was ended",
        at: [path], remedy: "ask for less, or allow more with \(setting: .timeout)")
    case .SQLITE_NOMEM:
      Diagnostic(.failed, "the question takes too much memory", at: [path], remedy: "ask for less")
    case .SQLITE_ERROR, .SQLITE_MISUSE, .SQLITE_RANGE, .SQLITE_TOOBIG, .SQLITE_AUTH:
      Diagnostic(
        .usage, "the question cannot be asked: \(error.message ?? "SQLite gives no reason")",
        at: [path], remedy: remedy(for: error.message ?? "", query))
    default: ZooIndex.diagnostic(error, path, .badData)
    }
  }

  /// What to do about an expression that SQLite does not take.
  private func remedy(for message: String, _ query: IndexQuery) -> Wording {
    let prefix = "no such column: "
    if message.hasPrefix(prefix) {
      let name = message.dropFirst(prefix.count).trimmingCharacters(in: ["\""])
      let columns = try? queue.read { try IndexColumns(query.subject, in: $0) }
      return columns?.alike(name)
        ?? "`\(setting: .showColumns)` lists the columns; texts stand in single quotes: '\(name)'"
    }
    if message.contains("syntax error") || message.contains("unrecognized token") {
      return
        "write an expression of SQL, such as \(setting: .where) \"test_accuracy > 0.9 and width = 64\""
    }
    return "\(action: .zooList, of: "INDEX", with: .showColumns) lists the columns"
  }
}

/// Ends a question that takes too long.
private struct QueryWatch {
  private let task: Task<Void, Never>

  init(_ queue: DatabaseQueue, seconds: Double) {
    task = Task.detached {
      try? await Task.sleep(for: .seconds(seconds))
      if !Task.isCancelled { queue.interrupt() }
    }
  }

  func end() { task.cancel() }
}
