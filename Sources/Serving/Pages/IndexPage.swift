import Support
import ZooIndex

/// What the index holds: how many of what, how far scans have come, columns, what could not be read.
enum IndexPage {
  private static let rowLimit = 100

  static func respond(_ index: ServedIndex, _ frame: PageFrame) throws -> Response {
    let overview = try index.overview()
    let isLive = index.isBeingWritten
    let failures = try index.failures()
    let body: HTML = """
      \(try totals(index, failures: failures.count))
      <h2>Scans</h2>
      <div id="progress"\(HTML.when(isLive, " data-live=\"1\""))>
      \(try progress(index))
      </div>
      <h2>Architectures</h2>
      \(try populations(index))
      <h2>Columns</h2>
      \(columns(overview.columns))
      \(failed(failures, folder: overview.folder))
      """
    return frame.response("Index", section: .index, refreshes: isLive, body)
  }

  /// The part that changes while a scan runs, by itself.
  static func progressPart(_ index: ServedIndex, _ frame: PageFrame) throws -> Response {
    let live = index.isBeingWritten ? "1" : "0"
    return Response(
      try progress(index).text, type: "text/html", headers: [("X-Live", live)])
  }

  private static func progress(_ index: ServedIndex) throws -> HTML {
    let total = try index.count(where: "1")
    let scans = try index.scans()
    let state: HTML =
      index.isBeingWritten
      ? "<p class=\"live\">A command is writing this index now.</p>\n" : ""
    guard !scans.isEmpty else {
      return """
        \(state)<p>Nothing was scanned: <code>\(Wording.name(of: .zooScan))</code> measures weights.</p>
        """
    }
    let rows = scans.map { scan -> HTML in
      let failed: HTML =
        scan.failed == 0 ? "" : ", \(PageNumber.count(scan.failed)) of them could not be measured"
      return """
        <tr><th scope="row">\(scan.metric)</th>\
        <td><progress max="\(max(1, total))" value="\(scan.measured)">\(scan.measured)</progress></td>\
        <td>\(PageNumber.count(scan.measured)) of \(PageNumber.count(total)) models\(failed)</td></tr>

        """
    }
    return "\(state)<table><tbody>\(rows)</tbody></table>"
  }

  private static func totals(_ index: ServedIndex, failures: Int) throws -> HTML {
    var query = IndexQuery()
    query.countsOnly = true
    query.aggregates = [
      "count(DISTINCT coalesce(fingerprint, structure))", "sum(tensors)", "sum(parameters)",
      "sum(size)",
    ]
    let row = try index.ask(query).rows.first ?? []
    let names = ["models", "architectures", "tensors", "parameters", "bytes on disk"]
    let facts = zip(names, row).map { name, value -> HTML in
      "<dt>\(name)</dt><dd>\(PageNumber.count(value.integer ?? 0))</dd>\n"
    }
    return """
      <dl class="facts">\(facts)<dt>files that could not be read</dt>\
      <dd>\(PageNumber.count(failures))</dd></dl>
      """
  }

  private static func populations(_ index: ServedIndex) throws -> HTML {
    var query = IndexQuery()
    query.groups = ["structure"]
    query.aggregates = ["max(architecture)", "max(parameters)"]
    query.order = [("count", true)]
    query.limit = rowLimit
    let rows = try index.ask(query).rows.map { row -> HTML in
      let name = row[0].text.replacing("'", with: "''")
      let address = Query([("where", "structure = '\(name)'")]).address("/")
      return """
        <tr><th scope="row"><a href="\(address)">\(row[0].text)</a></th><td>\(row[2].text)</td>\
        <td class="n">\(PageNumber.count(row[1].integer ?? 0))</td>\
        <td class="n">\(PageNumber.count(row[3].integer ?? 0))</td></tr>

        """
    }
    return """
      <div class="wide" tabindex="0" role="region" aria-label="Table"><table>
      <thead><tr><th scope="col">structure</th><th scope="col">understood as</th>\
      <th scope="col" class="n">models</th><th scope="col" class="n">parameters</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>
      """
  }

  private static func columns(_ columns: [IndexColumn]) -> HTML {
    DataTable.html(
      ["column", "type", "from"],
      columns.map {
        [.text($0.name), .text($0.type ?? ""), .text($0.origins.joined(separator: ", "))]
      })
  }

  private static func failed(_ failures: [IndexFailure], folder: String) -> HTML {
    guard !failures.isEmpty else { return "" }
    let rows = failures.map { failure -> [IndexValue] in
      [
        .text(ServedIndex.relative(failure.file, to: folder)),
        .text(ServedIndex.relative(failure.reason, to: folder)),
      ]
    }
    return """
      <h2>What could not be read</h2>
      \(DataTable.html(["file", "reason"], rows, limit: rowLimit))
      """
  }
}
