/// A question to an index.
public struct IndexQuery: Sendable {
  /// What the rows are.
  public enum Subject: Sendable, Hashable {
    case models
    case tensors
    /// The results of a metric, by its name.
    case results(String)
  }

  /// What the rows are.
  public var subject = Subject.models
  /// An SQL expression over the columns; nil takes all.
  public var filter: String?
  /// What the filter's question marks stand for.
  public var arguments: [IndexValue] = []
  /// The columns to show; empty means the usual ones.
  public var columns: [String] = []
  /// The columns to sort by, each with whether it descends; after them by file.
  public var order: [(column: String, descends: Bool)] = []
  /// The columns to group by. Each row is then a group, with its count.
  public var groups: [String] = []
  /// SQL aggregates to show of each group: `avg(test_accuracy)`.
  public var aggregates: [String] = []
  /// Whether only the number of rows is wanted.
  public var countsOnly = false
  /// The most rows to return.
  public var limit: Int?
  /// How many rows are left out before the first one; counts only where there is a limit.
  public var offset = 0
  /// How long SQLite may take, in seconds.
  public var seconds = 60.0

  /// Asks for all models.
  public init() {}
}

/// The answer of an index: a table.
public struct IndexAnswer: Sendable {
  /// The names of the columns.
  public var columns: [String]
  /// The rows, each with a value a column.
  public var rows: [[IndexValue]]

  /// A table.
  public init(columns: [String], rows: [[IndexValue]]) {
    self.columns = columns
    self.rows = rows
  }
}
