import Reports
import Support
import ZooIndex

/// Several columns side by side, a line a model.
enum ParallelPage {
  private static let lineLimit = 600
  private static let axisLimit = 12

  /// What is shown; all of it stands in the address.
  private struct Choice {
    var columns: [String]
    var color: String?
    var filter: String?

    init(_ query: Query, _ overview: ServedIndex.Overview) {
      let asked = query.list("column")
      // Names and hashes tell models apart and have no order.
      let usual = overview.usual.filter {
        !["name", "format", "fingerprint", "dtype", "file"].contains($0)
      }
      let scanned = ["spectrum_alpha", "norms_l2"].filter(overview.numbers.contains)
      columns = Array((asked.isEmpty ? usual.prefix(7) + scanned : asked).prefix(axisLimit))
      color = query["color"]
      filter = query["where"]
    }

    var query: Query {
      var items = [(name: "column", value: columns.joined(separator: ","))]
      if let color { items.append(("color", color)) }
      if let filter { items.append(("where", filter)) }
      return Query(items)
    }
  }

  static func respond(_ index: ServedIndex, _ frame: PageFrame) throws -> Response {
    let overview = try index.overview()
    let choice = Choice(frame.request.query, overview)
    if frame.request.query.all("column").count > 1 {
      return .redirect(to: choice.query.address("/parallel"))
    }
    var problem: String?
    var figure: HTML = ""
    do {
      let chart = try chart(choice, index)
      figure =
        chart.lines.isEmpty
        ? "<p>No model fits the filter.</p>"
        : FigurePiece.html(chart, name: "parallel", choice.query)
    } catch let error as Diagnostic where error.code == .usage || error.code == .failed {
      problem = PageFrame.words(error)
    }
    let all = overview.columns.map(\.name)
    let kept = choice.query.without("column").items
    let body: HTML = """
      <form action="/parallel" class="bar">
      \(Forms.hidden([("column", choice.columns.joined(separator: ","))]))
      \(Forms.column("Colour", name: "color", columns: all, chosen: choice.color, none: "none"))
      \(Forms.filter(choice.filter, problem: problem))
      <button>Draw</button>
      </form>
      <details class="chooser"><summary>Axes (up to \(axisLimit))</summary>
      <form action="/parallel">\(Forms.hidden(kept))
      \(Forms.columns(overview.columns, chosen: choice.columns))
      <button>Show these axes</button></form></details>
      \(figure)
      """
    return frame.response(
      "Parallel coordinates", section: .parallel, status: problem == nil ? 200 : 400, body)
  }

  static func file(_ index: ServedIndex, _ frame: PageFrame, ending: String) throws -> Response {
    let choice = Choice(frame.request.query, try index.overview())
    return try FigurePiece.file(
      try chart(choice, index, limit: ending == "csv" ? .max : lineLimit), name: "parallel",
      ending: ending)
  }

  private static func chart(_ choice: Choice, _ index: ServedIndex, limit: Int = lineLimit) throws
    -> ParallelCoordinates
  {
    let rows = try index.rows(
      ["name"] + choice.columns + (choice.color.map { [$0] } ?? []), where: choice.filter)
    let grouping =
      choice.color == nil
      ? Grouping(single: rows.count) : Grouping(rows.map { $0[choice.columns.count + 1] })
    let step = max(1, rows.count / limit + (rows.count % limit == 0 ? 0 : 1))
    let lines = try stride(from: 0, to: rows.count, by: step).map { place in
      let values = try zip(choice.columns, rows[place].dropFirst()).map {
        column, value -> ParallelCoordinates.Value in
        switch value {
        case .null: .missing
        case .integer(let integer): .number(Double(integer))
        case .real(let number): number.isFinite ? .number(number) : .missing
        case .text: .text(try index.shown(value, of: column))
        }
      }
      return ParallelCoordinates.Line(
        name: rows[place][0].text, group: grouping.places[place], values: values,
        link: ModelPage.address(rows[place][0].text))
    }
    let share =
      lines.count < rows.count
      ? "\(PageNumber.count(lines.count)) of \(PageNumber.count(rows.count)) models are drawn"
      : "\(PageNumber.count(lines.count)) models"
    return ParallelCoordinates(
      title: "Models along \(choice.columns.count) columns",
      subtitle: share + (choice.color.map { "; colour: \($0)" } ?? ""), axes: choice.columns,
      groups: grouping.names, lines: lines)
  }
}
