import GRDB
import Support

/// Which models of an index are learned from and which are tested, kept as columns, so that other tools can
/// repeat it: the number of the fold that each model is the test of.
public struct ModelSplits: Sendable, Hashable {
  /// A split into folds.
  public struct Split: Sendable, Hashable {
    /// The name of its column, spelled as columns are.
    public let column: String
    /// How it was made, as text for a person: `folds=5 seed=0 group=lineage`.
    public let settings: String
    /// The fold of each model, by the model's identifier.
    public let folds: [Int64: Int]

    /// Makes a split.
    public init(name: String, settings: String, folds: [Int64: Int]) {
      column = Label.column(name)
      self.settings = settings
      self.folds = folds
    }
  }

  /// Where these columns come from, as the index says.
  static let origin = "probe"

  /// The splits.
  public var splits: [Split]

  /// Makes some.
  public init(_ splits: [Split]) { self.splits = splits }

  /// Writes the splits into an index, each in the place of an older one of the same name. An index that
  /// says the same already is not touched.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite` where it cannot be written, or another process writes it;
  ///   `badData` where a column of the name holds something else.
  public func write(to path: String) throws {
    let reading = try ZooIndex.open(reading: path)
    if try reading.has(self) { return }
    let index = try ZooIndex.open(writing: path)
    try index.translated(.cannotWrite) {
      try index.queue.write { database in
        try database.execute(sql: Self.table)
        for split in splits { try Self.write(split, to: database) }
      }
    }
  }

  private static let table = """
    CREATE TABLE IF NOT EXISTS splits(name TEXT PRIMARY KEY, settings TEXT NOT NULL) WITHOUT ROWID
    """

  private static func write(_ split: Split, to database: Database) throws {
    let origins = try String.fetchOne(
      database, sql: "SELECT origins FROM label_columns WHERE name = ?", arguments: [split.column])
    guard origins ?? origin == origin else {
      throw Diagnostic(
        .badData, "the column holds something else than folds", at: [split.column],
        remedy: "rename it where it comes from")
    }
    if origins != nil {
      try database.execute(sql: "UPDATE labels SET \"\(split.column)\" = NULL")
    }
    var labels = try LabelTable(database)
    for (model, fold) in split.folds.sorted(by: { $0.key < $1.key }) {
      try labels.write(
        [Label(split.column, .integer(Int64(fold)), origin: origin)], of: model, in: database)
    }
    try database.execute(
      sql: "INSERT OR REPLACE INTO splits(name, settings) VALUES(?, ?)",
      arguments: [split.column, split.settings])
  }
}

extension ZooIndex {
  /// Whether an index holds splits already.
  fileprivate func has(_ wanted: ModelSplits) throws -> Bool {
    try translated(.badData) {
      try queue.read { database in
        guard try database.tableExists("splits") else { return false }
        let columns = Set(
          try String.fetchAll(
            database, sql: "SELECT name FROM label_columns WHERE origins = ?",
            arguments: [ModelSplits.origin]))
        return try wanted.splits.allSatisfy { split in
          guard columns.contains(split.column) else { return false }
          let settings = try String.fetchOne(
            database, sql: "SELECT settings FROM splits WHERE name = ?", arguments: [split.column])
          let rows = try Row.fetchAll(
            database,
            sql: "SELECT model, \"\(split.column)\" AS fold FROM labels "
              + "WHERE \"\(split.column)\" IS NOT NULL")
          let folds = Dictionary(
            try rows.map { row -> (Int64, Int) in (try row.cell("model"), try row.cell("fold")) },
            uniquingKeysWith: { first, _ in first })
          return settings == split.settings && folds == split.folds
        }
      }
    }
  }
}
