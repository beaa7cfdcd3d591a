/// One self-contained page: headings, paragraphs, tables and figures, with its style inside and no
/// scripts. The same content gives the same text.
public struct HTMLPage: Sendable {
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

  private let title: String
  private var body: [String] = []

  /// Makes an empty page.
  public init(title: String) { self.title = title }

  /// Adds a heading.
  public mutating func addHeading(_ text: String) {
    body.append("<h2>\(text.escapedForXML)</h2>")
  }

  /// Adds a paragraph.
  public mutating func addParagraph(_ text: String) {
    body.append("<p>\(text.escapedForXML)</p>")
  }

  /// Adds a figure, drawn in the page itself.
  public mutating func add(_ chart: LineChart, caption: String = "") {
    let note = caption.isEmpty ? "" : "<figcaption>\(caption.escapedForXML)</figcaption>"
    body.append("<figure>\n\(chart.svg())\(note)</figure>")
  }

  /// Adds a table.
  public mutating func add(_ table: Table) {
    var lines = ["<div class=\"wide\"><table>", "<thead><tr>"]
    lines += table.columns.map { "<th>\($0.escapedForXML)</th>" }
    lines.append("</tr></thead><tbody>")
    for row in table.rows {
      let cells = row.map { cell in
        let kind = Self.readsAsNumber(cell) ? " class=\"n\"" : ""
        return "<td\(kind)>\(cell.escapedForXML)</td>"
      }
      lines.append("<tr>\(cells.joined())</tr>")
    }
    lines.append("</tbody></table></div>")
    body.append(lines.joined(separator: "\n"))
  }

  /// The page as an HTML document.
  public var text: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(title.escapedForXML)</title>
    <style>
    body { font: 15px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff;
      max-width: 75rem; margin: 2rem auto; padding: 0 1.5rem; }
    h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
    .wide, figure { overflow-x: auto; margin: 1rem 0; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
    th, td { padding: .25rem .7rem; text-align: left; border-bottom: 1px solid #e3e3e3; }
    th { border-bottom: 2px solid #999; vertical-align: bottom; } td.n { text-align: right; }
    figcaption { color: #555; font-size: 14px; }
    svg { max-width: 100%; height: auto; }
    </style>
    </head>
    <body>
    <h1>\(title.escapedForXML)</h1>
    \(body.joined(separator: "\n"))
    </body>
    </html>

    """
  }

  private static func readsAsNumber(_ cell: String) -> Bool {
    guard let first = cell.first(where: { !"-−+".contains($0) }) else { return false }
    return first.isNumber && cell.allSatisfy { $0.isNumber || " .,-−+%±e".contains($0) }
  }
}
