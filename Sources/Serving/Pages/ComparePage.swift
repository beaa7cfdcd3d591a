import Reports
import ZooIndex

/// Some models side by side.
enum ComparePage {
  /// The most models of a comparison.
  static let limit = 20

  /// The names that an address asks for.
  static func names(_ request: Request) -> [String] {
    Array(request.query.all("model").prefix(limit))
  }

  static func respond(_ index: ServedIndex, _ frame: PageFrame, _ facts: [String: ModelFacts])
    throws -> Response
  {
    let asked = frame.request.query.all("model")
    let models = try ServedModel.named(names(frame.request), in: index)
    guard !models.isEmpty else {
      return frame.response(
        "Comparison", section: .models,
        "<p>No model was chosen: tick some in <a href=\"/\">the table</a>.</p>")
    }
    let isShort = frame.request.query["all"] == nil
    var body: HTML = """
      <form action="/" class="bar">
      \(Forms.hidden(models.map { ("model", $0.name) }))
      <button>Choose others, too</button>
      <a class="button" href="\(toggled(frame, isShort))">\(isShort ? "Show what is the same, too" : "Show only what differs")</a>
      <a class="button" href="\(frame.request.query.without("all").address("/compare.csv"))">CSV</a>
      </form>
      """
    if asked.count > models.count {
      body += """
        <p class="note">\(models.count) of the \(asked.count) that were asked for are shown: at most \
        \(limit), and those that the index has.</p>
        """
    }
    body += try table(index, models, isShort: isShort)
    let query = Query(models.map { ("model", $0.name) })
    if let chart = LearningCurves.chart(models.map { ($0.name, facts[$0.name] ?? ModelFacts()) }) {
      body +=
        "<h2>Learning curves</h2>\n\(few(models))\(FigurePiece.html(chart, name: "curve", query))"
    }
    for metric in try index.metrics() {
      guard let chart = try LayerCurves(metric, of: models, in: index).chart else { continue }
      body += "<h2>\(metric.name)</h2>\n\(few(models))"
      body += FigurePiece.html(
        chart, name: "layers", Query([("metric", metric.name)] + query.items))
    }
    return frame.response("Comparison", section: .models, body)
  }

  /// The table turned: a row a column of the index.
  static func csv(_ index: ServedIndex, _ frame: PageFrame) throws -> Response {
    let models = try ServedModel.named(names(frame.request), in: index)
    let overview = try index.overview()
    var answer = IndexAnswer(columns: ["column"] + models.map(\.name), rows: [])
    for (place, column) in overview.columns.enumerated() {
      answer.rows.append(
        [.text(column.name)]
          + models.map { model in
            guard column.name == "file" || column.name == "parent_file" else {
              return model.values[place]
            }
            return .text(ServedIndex.relative(model.values[place].text, to: overview.folder))
          })
    }
    return .file(
      try CSVText.of(answer, folder: overview.folder), type: "text/csv", name: "comparison.csv")
  }

  private static func toggled(_ frame: PageFrame, _ isShort: Bool) -> String {
    frame.request.query.setting("all", isShort ? "1" : nil).address("/compare")
  }

  /// That figures show fewer models than the table.
  private static func few(_ models: [ServedModel]) -> HTML {
    models.count > LearningCurves.limit
      ? "<p class=\"note\">The first \(LearningCurves.limit) models are drawn.</p>\n" : ""
  }

  private static func table(
    _ index: ServedIndex, _ models: [ServedModel], isShort: Bool
  ) throws -> HTML {
    let columns = try index.overview().columns
    // What people chose and measured first, then what the files are.
    let order = columns.indices.sorted {
      (columns[$0].origins == ["file"] ? 1 : 0, $0) < (columns[$1].origins == ["file"] ? 1 : 0, $1)
    }
    let rows = try order.compactMap { place -> HTML? in
      let column = columns[place]
      guard column.name != "name" else { return nil }
      let values = models.map { $0.values[place] }
      let differs = Set(values).count > 1
      guard values.contains(where: { $0 != .null }), differs || !isShort || models.count == 1
      else { return nil }
      let cells = try values.map { value -> HTML in
        "<td>\(try index.shown(value, of: column.name))</td>"
      }
      return """
        <tr\(HTML.when(differs && !isShort, " class=\"differs\""))><th scope="row">\(column.name)</th>\(cells)</tr>

        """
    }
    let heads = models.map { model -> HTML in
      "<th scope=\"col\"><a href=\"\(ModelPage.address(model.name))\">\(model.name)</a></th>"
    }
    return """
      <div class="wide" tabindex="0" role="region" aria-label="Table"><table>
      <thead><tr><td></td>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>
      """
  }
}
