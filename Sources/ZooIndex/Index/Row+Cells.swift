import GRDB

extension Row {
  /// The value of a column. GRDB's subscripts end the process where a cell holds something else, and
  /// the databases of others may hold anything.
  ///
  /// - Throws: an error that `ZooIndex.translated` makes one of a damaged file.
  func cell<Value: DatabaseValueConvertible>(
    _ column: String, as type: Value.Type = Value.self
  ) throws -> Value {
    try decode(type, forColumn: column)
  }

  /// The value of a column by its place.
  func cell<Value: DatabaseValueConvertible>(
    _ place: Int, as type: Value.Type = Value.self
  ) throws -> Value {
    try decode(type, atIndex: place)
  }
}
