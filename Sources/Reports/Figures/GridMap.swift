/// A figure of panels, each a grid of coloured cells with what stands in them, and lines over it.
public struct GridMap: Sendable, Hashable {
  /// What stands in a cell.
  public struct Cell: Sendable, Hashable {
    /// The column, from 0 at the left.
    public var column: Int
    /// The row, from 0 at the top.
    public var row: Int
    /// The words in it.
    public var text: String
    /// A smaller line below; empty for none.
    public var note: String
    /// The colour, as `#rrggbb`.
    public var color: String

    /// Makes a cell.
    public init(column: Int, row: Int, text: String, note: String = "", color: String) {
      self.column = column
      self.row = row
      self.text = text
      self.note = note
      self.color = color
    }
  }

  /// A point of a line over the grid, in columns and rows: 0.5, 0.5 is the middle of the first cell.
  public struct Point: Sendable, Hashable {
    /// Where it is, in columns.
    public var x: Double
    /// Where it is, in rows.
    public var y: Double
    /// The bounds of `x`, drawn as a bar; nil for none.
    public var low: Double?
    /// The upper bound.
    public var high: Double?

    /// Makes a point.
    public init(x: Double, y: Double, low: Double? = nil, high: Double? = nil) {
      self.x = x
      self.y = y
      self.low = low
      self.high = high
    }
  }

  /// A line over the grid.
  public struct Line: Sendable, Hashable {
    /// What it is called.
    public var name: String
    /// Its points, joined in order.
    public var points: [Point]

    /// Makes a line.
    public init(name: String, points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  /// One grid.
  public struct Panel: Sendable, Hashable {
    /// What stands above.
    public var title: String
    /// The cells.
    public var cells: [Cell]

    /// Makes a panel.
    public init(title: String, cells: [Cell]) {
      self.title = title
      self.cells = cells
    }
  }

  /// What stands above all panels.
  public var title: String
  /// A line under the title.
  public var subtitle: String
  private(set) var columnTitle: String
  private(set) var columnValues: [String]
  private(set) var rowTitle: String
  private(set) var rowValues: [String]
  /// The panels, two in a row.
  public var panels: [Panel]
  /// The lines, drawn over every panel.
  public var lines: [Line]

  /// Makes a figure.
  public init(
    title: String, subtitle: String, columns: (title: String, values: [String]),
    rows: (title: String, values: [String]), panels: [Panel], lines: [Line]
  ) {
    self.title = title
    self.subtitle = subtitle
    (columnTitle, columnValues) = (columns.title, columns.values)
    (rowTitle, rowValues) = (rows.title, rows.values)
    self.panels = panels
    self.lines = lines
  }
}
