/// What a metric writes: its name, and the columns of its rows.
public struct MetricDescription: Sendable, Hashable {
  /// The name: letters, digits and underlines.
  public var name: String
  /// Everything that decides the numbers: a version, and settings. Results of others are computed
  /// anew.
  public var settings: String
  /// The columns of a row, beside the item's name.
  public var columns: [String]

  /// Describes a metric.
  public init(name: String, settings: String, columns: [String]) {
    self.name = name
    self.settings = settings
    self.columns = columns
  }
}
