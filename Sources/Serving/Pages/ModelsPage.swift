import Reports
import Support
import ZooIndex

/// The table of models: filter, order, columns, pages, and a choice to compare.
enum ModelsPage {
  static func respond(_ index: ServedIndex, _ frame: PageFrame) throws -> Response {
    var state = TableState(frame.request.query)
    if frame.request.query.all("column").count > 1 {
      // What a form sends for each box is one list in the address that people share.
      return .redirect(to: state.query.address("/"))
    }
    let overview = try index.overview()
    var matched = 0
    var answer = IndexAnswer(columns: [], rows: [])
    var problem: String?
    do {
      matched = try index.count(where: state.filter)
      state.page = min(state.page, max(1, (matched + state.size - 1) / state.size))
      answer = try index.ask(question(state, overview))
    } catch let error as Diagnostic where error.code == .usage || error.code == .failed {
      problem = PageFrame.words(error)
    }
    let table =
      try problem == nil ? table(index, answer, state, overview, matched: matched) : ""
    let body: HTML = """
      <form action="/" class="bar" role="search">
      \(Forms.filter(state.filter, problem: problem))
      \(Forms.hidden(state.on(page: 1).query.without("where", "size").items))
      <label>Rows <select name="size">\(sizes(state))</select></label>
      <button>Filter</button> <a class="button" href="/">Reset</a>
      </form>
      \(chooser(state, overview))
      \(table)
      """
    return frame.response(
      "Models", section: .models, status: problem == nil ? 200 : 400, body)
  }

  /// All rows that the filter takes, as comma-separated values.
  static func csv(_ index: ServedIndex, _ frame: PageFrame) throws -> Response {
    let overview = try index.overview()
    var query = question(TableState(frame.request.query), overview)
    (query.limit, query.offset) = (nil, 0)
    let answer = try index.ask(query)
    return .file(
      try CSVText.of(answer, folder: overview.folder), type: "text/csv", name: "models.csv")
  }

  private static func question(_ state: TableState, _ overview: ServedIndex.Overview)
    -> IndexQuery
  {
    var query = IndexQuery()
    query.filter = state.filter
    // The name leads to the model's page: it is always there, and first.
    let columns = state.columns.isEmpty ? overview.usual : state.columns
    query.columns = ["name"] + columns.filter { $0.lowercased() != "name" }
    query.order = state.sort.map { [$0] } ?? []
    query.limit = state.size
    query.offset = (state.page - 1) * state.size
    return query
  }

  private static func sizes(_ state: TableState) -> [HTML] {
    Set(TableState.sizes + [state.size]).sorted().map { size in
      "<option\(HTML.when(size == state.size, " selected"))>\(size)</option>"
    }
  }

  private static func chooser(_ state: TableState, _ overview: ServedIndex.Overview) -> HTML {
    let chosen = state.columns.isEmpty ? overview.usual : state.columns
    return """
      <details class="chooser"><summary>Columns</summary>
      <form action="/">
      \(Forms.hidden(state.on(page: 1).query.without("column").items))
      \(Forms.columns(overview.columns, chosen: chosen))
      <button>Show these columns</button>
      </form></details>
      """
  }

  private static func table(
    _ index: ServedIndex, _ answer: IndexAnswer, _ state: TableState,
    _ overview: ServedIndex.Overview, matched: Int
  ) throws -> HTML {
    guard !answer.rows.isEmpty else {
      return overview.count == 0
        ? "<p>The index has no models.</p>" : "<p>No model fits the filter.</p>"
    }
    let numbers = Set(overview.numbers)
    let here = Set(answer.rows.map { $0[0].text })
    let elsewhere = state.chosen.filter { !here.contains($0) }.map { (name: "model", value: $0) }
    let rows = try answer.rows.map { row -> HTML in
      let name = row[0].text
      let cells = try zip(answer.columns, row).dropFirst().map { column, value in
        try cell(index, value, of: column, isNumber: numbers.contains(column))
      }
      return """
        <tr><td><input type="checkbox" name="model" value="\(name)" aria-label="Choose \(name)"\
        \(HTML.when(state.chosen.contains(name), " checked"))></td>\
        <th scope="row"><a href="\(ModelPage.address(name))">\(name)</a></th>\(cells)</tr>

        """
    }
    let from = (state.page - 1) * state.size + 1
    let to = from + answer.rows.count - 1
    let of =
      state.filter == nil
      ? "of \(PageNumber.count(matched)) models"
      : "of \(PageNumber.count(matched)) that fit, \(PageNumber.count(overview.count)) in the index"
    let download = state.on(page: 1).query.without("size", "model").address("/models.csv")
    return """
      <form action="/compare">
      \(Forms.hidden(elsewhere))
      <div class="bar"><p class="count">\(PageNumber.count(from))–\(PageNumber.count(to)) \(of)</p>
      \(Pager.links(state, matched: matched))
      <button>Compare the chosen</button> <span id="chosen" class="note" aria-live="polite"></span>
      <a class="button" href="\(download)">CSV</a></div>
      <div class="wide" tabindex="0" role="region" aria-label="Table of models"><table class="models">
      <thead><tr><td></td>\(answer.columns.map { heading($0, state, isNumber: numbers.contains($0)) })</tr></thead>
      <tbody>\(rows)</tbody></table></div>
      </form>
      """
  }

  private static func heading(_ column: String, _ state: TableState, isNumber: Bool) -> HTML {
    let isSorted = state.sort?.column.lowercased() == column.lowercased()
    let descends = state.sort?.descends ?? false
    let order: HTML =
      !isSorted ? "" : descends ? " aria-sort=\"descending\"" : " aria-sort=\"ascending\""
    let kind: HTML = isNumber ? " class=\"n\"" : ""
    return """
      <th scope="col"\(kind)\(order)><a href="\(state.sorted(by: column).query.address("/"))">\(column)</a></th>
      """
  }

  private static func cell(
    _ index: ServedIndex, _ value: IndexValue, of column: String, isNumber: Bool
  ) throws -> HTML {
    let text = try index.shown(value, of: column)
    if isNumber { return "<td class=\"n\">\(text)</td>" }
    // What is cut at the cell's end is there when one points at it.
    return text.count > 30 ? "<td title=\"\(text)\">\(text)</td>" : "<td>\(text)</td>"
  }
}
