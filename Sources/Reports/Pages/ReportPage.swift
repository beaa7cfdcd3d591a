/// A page of results: headings, paragraphs, tables and figures, to be written as HTML, as a Jupyter
/// notebook or as Markdown. The same content gives the same text.
public struct ReportPage: Sendable {
  /// A table for a page.
  public struct Table: Sendable {
    /// The headings of the columns.
    public var columns: [String]
    /// The rows; each has a cell a column. Cells that read as numbers are aligned right.
    public var rows: [[String]]

    /// Makes a table.
    public init(columns: [String], rows: [[String]] = []) {
      self.columns = columns
      self.rows = rows
    }
  }

  /// A part of a page.
  enum Block: Sendable {
    case heading(String)
    case paragraph(String)
    case figure(LineChart, caption: String)
    case map(GridMap)
    case table(Table)
  }

  let title: String
  private(set) var blocks: [Block] = []

  /// Makes an empty page.
  public init(title: String) { self.title = title }

  /// Adds a heading.
  public mutating func addHeading(_ text: String) { blocks.append(.heading(text)) }

  /// Adds a paragraph.
  public mutating func addParagraph(_ text: String) { blocks.append(.paragraph(text)) }

  /// Adds a figure, drawn in the page itself.
  public mutating func add(_ chart: LineChart, caption: String = "") {
    blocks.append(.figure(chart, caption: caption))
  }

  /// Adds a map of a grid, drawn in the page itself.
  public mutating func add(_ map: GridMap) { blocks.append(.map(map)) }

  /// Adds a table.
  public mutating func add(_ table: Table) { blocks.append(.table(table)) }
}
