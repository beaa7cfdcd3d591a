extension ReportPage {
  /// The page as one self-contained HTML document, with its style inside and no scripts.
  public var html: String {
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
    \(blocks.map(Self.html).joined(separator: "\n"))
    </body>
    </html>

    """
  }

  private static func html(_ block: Block) -> String {
    switch block {
    case .heading(let text): return "<h2>\(text.escapedForXML)</h2>"
    case .paragraph(let text): return "<p>\(text.escapedForXML)</p>"
    case .figure(let chart, let caption):
      let note = caption.isEmpty ? "" : "<figcaption>\(caption.escapedForXML)</figcaption>"
      return "<figure>\n\(chart.svg())\(note)</figure>"
    case .map(let map): return "<figure>\n\(map.svg())</figure>"
    case .table(let table): return "<div class=\"wide\">\(table.html)</div>"
    }
  }
}

extension ReportPage.Table {
  /// The table as an HTML element.
  var html: String {
    var lines = ["<table>", "<thead><tr>"]
    lines += columns.map { "<th>\($0.escapedForXML)</th>" }
    lines.append("</tr></thead><tbody>")
    for row in rows {
      let cells = row.map { cell in
        let kind = Self.readsAsNumber(cell) ? " class=\"n\"" : ""
        return "<td\(kind)>\(cell.escapedForXML)</td>"
      }
      lines.append("<tr>\(cells.joined())</tr>")
    }
    lines.append("</tbody></table>")
    return lines.joined(separator: "\n")
  }

  /// Whether a cell reads as a number, and stands to the right.
  static func readsAsNumber(_ cell: String) -> Bool {
    guard let first = cell.first(where: { !"-−+".contains($0) }) else { return false }
    return first.isNumber && cell.allSatisfy { $0.isNumber || " .,-−+%±e".contains($0) }
  }
}
