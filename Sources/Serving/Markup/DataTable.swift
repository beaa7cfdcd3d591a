import ZooIndex

/// A plain table of values.
enum DataTable {
  /// A table; columns of numbers stand to the right.
  ///
  /// - Parameter limit: the most rows; that there are more is said.
  static func html(_ columns: [String], _ rows: [[IndexValue]], limit: Int = .max) -> HTML {
    let isNumber = columns.indices.map { column in
      rows.contains { $0[column].number != nil }
        && rows.allSatisfy { row in if case .text = row[column] { false } else { true } }
    }
    let head = zip(columns, isNumber).map { column, isNumber -> HTML in
      "<th scope=\"col\"\(HTML.when(isNumber, " class=\"n\""))>\(column)</th>"
    }
    let lines = rows.prefix(limit).map { row -> HTML in
      let cells = zip(row, isNumber).map { value, isNumber -> HTML in
        "<td\(HTML.when(isNumber, " class=\"n\""))>\(text(value))</td>"
      }
      return "<tr>\(cells)</tr>\n"
    }
    let more: HTML =
      rows.count > limit
      ? "<p class=\"note\">The first \(limit) rows are shown; the file has all.</p>" : ""
    return """
      <div class="wide" tabindex="0" role="region" aria-label="Table"><table>
      <thead><tr>\(head)</tr></thead>
      <tbody>\(lines)</tbody></table></div>
      \(more)
      """
  }

  /// A value as a cell shows it.
  static func text(_ value: IndexValue) -> String {
    if case .real(let number) = value { return PageNumber.text(number) }
    return value.text
  }
}
