import LinearAlgebra
import Support
import ZooIndex

/// Two columns against each other, and how far they go together.
enum ScatterPage {
  static func respond(_ index: ServedIndex, _ frame: PageFrame) throws -> Response {
    let overview = try index.overview()
    let choice = ScatterChoice(frame.request.query, overview)
    var problem: String?
    var result: HTML = ""
    do {
      result = html(try ColumnPair(choice, in: index), choice)
    } catch let error as Diagnostic where error.code == .usage || error.code == .failed {
      problem = PageFrame.words(error)
    }
    let numbers = overview.numbers
    let all = overview.columns.map(\.name)
    let body: HTML = """
      <form action="/scatter" class="bar">
      \(Forms.column("Across", name: "x", columns: numbers, chosen: choice.x))
      \(Forms.box("logarithmic", name: "xlog", isTicked: choice.xIsLogarithmic))
      \(Forms.column("Up", name: "y", columns: numbers, chosen: choice.y))
      \(Forms.box("logarithmic", name: "ylog", isTicked: choice.yIsLogarithmic))
      \(Forms.column("Colour", name: "color", columns: all, chosen: choice.color, none: "none"))
      \(Forms.filter(choice.filter, problem: problem))
      <button>Draw</button>
      </form>
      \(result)
      """
    return frame.response(
      "Scatter", section: .scatter, status: problem == nil ? 200 : 400, body)
  }

  static func file(_ index: ServedIndex, _ frame: PageFrame, ending: String) throws -> Response {
    let choice = ScatterChoice(frame.request.query, try index.overview())
    let pair = try ColumnPair(choice, in: index)
    if ending == "csv" {
      return .file(pair.wholeTable(), type: "text/csv", name: "scatter.csv")
    }
    return try FigurePiece.file(pair.chart(), name: "scatter", ending: ending)
  }

  private static func html(_ pair: ColumnPair, _ choice: ScatterChoice) -> HTML {
    let left: HTML =
      pair.leftOut == 0
      ? ""
      : """
      <p class="note">\(PageNumber.count(pair.leftOut)) models are left out: they have no number in one of \
      the columns, or none that has a logarithm.</p>
      """
    guard pair.count > 0 else { return "<p>No model has both.</p>\(left)" }
    let rows = pair.correlations.map { row -> HTML in
      """
      <tr><th scope="row">\(row.name)</th><td class="n">\(PageNumber.count(row.count))</td>\
      \(cells(row.pearson))\(cells(row.spearman))</tr>

      """
    }
    let logarithms: HTML =
      choice.xIsLogarithmic || choice.yIsLogarithmic
      ? " Pearson’s is of the logarithms that are drawn." : ""
    return """
      \(FigurePiece.html(pair.chart(), name: "scatter", choice.query))
      <h2>Correlation</h2>
      <div class="wide" tabindex="0" role="region" aria-label="Table"><table>
      <thead><tr><td></td><th scope="col" class="n">n</th><th scope="col" class="n">Pearson r</th>\
      <th scope="col">95 %</th><th scope="col" class="n">Spearman ρ</th><th scope="col">95 %</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>
      <p class="note">Intervals after Fisher (r) and after Bonett and Wright (ρ), as if models were \
      independent: of fine-tunes of one parent they are not, and the intervals are too narrow.\(logarithms)</p>
      \(left)
      """
  }

  private static func cells(_ correlation: Correlation?) -> HTML {
    guard let correlation else {
      return "<td class=\"n\">–</td><td>one of them does not vary</td>"
    }
    let interval = correlation.interval.map { interval in
      "\(PageNumber.coefficient(interval.lowerBound)) to "
        + PageNumber.coefficient(interval.upperBound)
    }
    return """
      <td class="n">\(PageNumber.coefficient(correlation.coefficient))</td>\
      <td>\(interval ?? "of too few")</td>
      """
  }
}
