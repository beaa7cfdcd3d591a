import GRDB

/// What came of a metric for a model.
struct MetricOutcome: Sendable, Hashable {
  /// A row of its table, without the columns that say of what.
  struct Row: Sendable, Hashable {
    var name: String
    var values: [IndexValue]
  }

  var metric: MetricDescription
  var rows: [Row]
  var summary: [String: IndexValue]
  /// Why there are no rows; nil where there are.
  var reason: String?

  init(_ metric: MetricDescription, _ result: MetricResult) {
    self.metric = metric
    rows = result.rows.map { Row(name: $0.name, values: $0.values) }
    summary = result.summary
  }

  init(_ metric: MetricDescription, reason: String) {
    self.metric = metric
    rows = []
    summary = [:]
    self.reason = reason
  }

  private var table: String { ResultTables.table(of: metric.name) }
  private var columnList: String { metric.columns.map { ", \"\($0)\"" }.joined() }

  /// Puts the outcome in the place of an older one. Figures that the older one had, and this one has not,
  /// are columns no longer: a model that could be measured once would keep a number that is not its own.
  func write(to database: Database, model: Int64, hasLabels: Bool) throws {
    if hasLabels {
      let old = try String.fetchAll(
        database, sql: "SELECT name FROM summaries WHERE model = ? AND metric = ?",
        arguments: [model, metric.name])
      if !old.isEmpty {
        try LabelTable(database).clear(
          old.map { "\(metric.name)_\($0)" }, of: model, in: database)
      }
    }
    try database.cachedStatement(sql: "DELETE FROM \(table) WHERE model = ?")
      .execute(arguments: [model])
    try database.cachedStatement(sql: "DELETE FROM summaries WHERE model = ? AND metric = ?")
      .execute(arguments: [model, metric.name])
    let insertion = try database.cachedStatement(
      sql: """
        INSERT INTO \(table)(model, item, name\(columnList))
        VALUES(?, ?, ?\(String(repeating: ", ?", count: metric.columns.count)))
        """)
    for (item, row) in rows.enumerated() {
      try insertion.execute(
        arguments: StatementArguments(
          [model.databaseValue, item.databaseValue, row.name.databaseValue]
            + row.values.map(\.databaseValue)))
    }
    for (name, value) in summary.sorted(by: { $0.key < $1.key }) {
      try database.cachedStatement(
        sql: "INSERT INTO summaries(model, metric, name, value) VALUES(?, ?, ?, ?)"
      ).execute(arguments: [model, metric.name, name, value.databaseValue])
    }
    if hasLabels, !summary.isEmpty {
      var labels = try LabelTable(database)
      try labels.write(
        summary.map { Label("\(metric.name)_\($0.key)", $0.value, origin: "scan") }, of: model,
        in: database)
    }
    try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO measured(model, metric, settings, reason) VALUES(?, ?, ?, ?)"
    ).execute(arguments: [model, metric.name, metric.settings, reason])
  }

  /// Reads the outcome of a metric for a model; nil where it was not computed.
  init?(_ metric: MetricDescription, of model: Int64, in database: Database) throws {
    guard
      let measured = try GRDB.Row.fetchOne(
        database, sql: "SELECT settings, reason FROM measured WHERE model = ? AND metric = ?",
        arguments: [model, metric.name])
    else { return nil }
    self.metric = metric
    self.metric.settings = try measured.cell("settings")
    reason = try measured.cell("reason")
    rows = []
    let columns = metric.columns.map { ", \"\($0)\"" }.joined()
    let cursor = try GRDB.Row.fetchCursor(
      database,
      sql: """
        SELECT name\(columns) FROM \(ResultTables.table(of: metric.name))
        WHERE model = ? ORDER BY item
        """, arguments: [model])
    while let row = try cursor.next() {
      rows.append(
        Row(
          name: try row.cell(0),
          values: (1..<max(1, row.count)).map { IndexValue(row[$0] as DatabaseValue) }))
    }
    summary = [:]
    for row in try GRDB.Row.fetchAll(
      database, sql: "SELECT name, value FROM summaries WHERE model = ? AND metric = ?",
      arguments: [model, metric.name])
    {
      try summary[row.cell(0)] = IndexValue(row[1] as DatabaseValue)
    }
  }
}
