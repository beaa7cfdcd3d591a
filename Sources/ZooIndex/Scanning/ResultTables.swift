import GRDB

/// The tables of results, in an index and in a shard's file alike.
enum ResultTables {
  /// What was computed for which model: a metric's version and settings, and the failure where it
  /// could not be.
  static let sql = """
    CREATE TABLE measured(
      model INTEGER NOT NULL REFERENCES models ON DELETE CASCADE, metric TEXT NOT NULL,
      settings TEXT NOT NULL, reason TEXT, PRIMARY KEY(model, metric)) WITHOUT ROWID;
    CREATE TABLE summaries(
      model INTEGER NOT NULL REFERENCES models ON DELETE CASCADE, metric TEXT NOT NULL,
      name TEXT NOT NULL, value, PRIMARY KEY(model, metric, name)) WITHOUT ROWID;
    CREATE TABLE metrics(name TEXT PRIMARY KEY, columns TEXT NOT NULL) WITHOUT ROWID;
    """

  /// How many things of a database are neither tables nor their indices: ours have none.
  static let foreignCount = """
    SELECT count(*) FROM sqlite_master
    WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%' OR sql LIKE '% GENERATED %'
    """

  /// The name of a metric's table.
  static func table(of metric: String) -> String { "metric_" + metric }

  /// Makes the table of a metric where there is none, and the columns that it lacks.
  static func make(_ metric: MetricDescription, in database: Database) throws {
    let table = table(of: metric.name)
    try database.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS \(table)(
          model INTEGER NOT NULL REFERENCES models ON DELETE CASCADE, item INTEGER NOT NULL,
          name TEXT NOT NULL, PRIMARY KEY(model, item)) WITHOUT ROWID
        """)
    try database.execute(
      sql: "INSERT OR REPLACE INTO metrics(name, columns) VALUES(?, ?)",
      arguments: [metric.name, metric.columns.joined(separator: "\n")])
    let there = Set(try database.columns(in: table).map(\.name))
    for column in metric.columns where !there.contains(column) {
      try database.execute(sql: "ALTER TABLE \(table) ADD COLUMN \"\(column)\"")
    }
  }
}
