import Support
public import ZooIndex

/// Keeps the checkpoints of a training from being counted as further trainings.
public struct RunEnds: Sendable {
  /// The column in which a file that was written within a training says its epoch.
  private static let column = "checkpoint_epoch"

  /// The expression that takes the models.
  public let filter: String?
  /// What was left out.
  public let warnings: [String]

  /// Leaves out the checkpoints of an index that also has the ends of trainings, unless the expression
  /// chooses by epochs itself.
  ///
  /// - Throws: `Diagnostic` of code `usage` where the expression makes no sense.
  public init(_ index: ZooIndex, where filter: String?) throws {
    let column = Self.column
    guard filter?.lowercased().contains(column) != true,
      try index.columns().contains(where: { $0.name == column })
    else {
      (self.filter, warnings) = (filter, [])
      return
    }
    func count(_ condition: String) throws -> Int {
      try index.models(where: Self.both(filter, condition)).count
    }
    let checkpoints = try count("\(column) IS NOT NULL")
    guard checkpoints > 0, try count("\(column) IS NULL") > 0 else {
      (self.filter, warnings) = (filter, [])
      return
    }
    self.filter = Self.both(filter, "\(column) IS NULL")
    warnings = [
      "\(checkpoints) models are checkpoints within a training, and no trainings of their own: left out; "
        + "an expression over \(column) takes them"
    ]
  }

  private static func both(_ filter: String?, _ condition: String) -> String {
    filter.map { "(\($0)) AND \(condition)" } ?? condition
  }
}
