extension ReportPage {
  /// The page as Markdown. Figures are named where they would stand: Markdown holds none.
  public var markdown: String {
    (["# \(title)"] + blocks.map(Self.markdown)).joined(separator: "\n\n") + "\n"
  }

  static func markdown(_ block: Block) -> String {
    switch block {
    case .heading(let text): "## \(text)"
    case .paragraph(let text): text
    case .figure(let chart, let caption):
      "*Figure: \(chart.title)\(caption.isEmpty ? "" : ". \(caption)")*"
    case .table(let table): table.markdown
    }
  }
}

extension ReportPage.Table {
  /// The table as Markdown; a column of numbers is aligned right.
  var markdown: String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    let rule = columns.indices.map { column in
      let cells = rows.compactMap { $0.indices.contains(column) ? $0[column] : nil }
      return cells.contains(where: Self.readsAsNumber) ? "---:" : "---"
    }
    return ([line(columns), line(rule)] + rows.map(line)).joined(separator: "\n")
  }
}
