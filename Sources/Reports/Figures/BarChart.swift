/// A figure of bars that lie under each other, each with its name: one a tensor, one a layer.
public struct BarChart: Sendable, Figure {
  /// Bars of one kind, one a row.
  public struct Series: Sendable {
    /// What they are.
    public var name: String
    /// Their lengths; what is not finite has none.
    public var values: [Double]

    /// Makes a series.
    public init(name: String, values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  /// What stands above.
  public var title: String
  /// A line under the title.
  public var subtitle: String
  /// The names of the rows, from the top.
  public var rows: [String]
  /// What the lengths are. The axis begins at 0.
  public var valueTitle: String
  /// One or two kinds of bars.
  public var series: [Series]

  /// Makes a figure.
  public init(title: String, subtitle: String, rows: [String], values: String, series: [Series]) {
    precondition(series.allSatisfy { $0.values.count == rows.count }, "every bar has a row")
    (self.title, self.subtitle) = (title, subtitle)
    self.rows = rows
    valueTitle = values
    self.series = series
  }

  /// The bars as comma-separated values with the columns name, series and value.
  public func csv() -> String {
    var lines = ["name,series,value"]
    for (place, row) in rows.enumerated() {
      for series in series {
        let value = series.values[place]
        lines.append(
          "\(row.escapedForCSV),\(series.name.escapedForCSV),\(value.isFinite ? "\(value)" : "")")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
