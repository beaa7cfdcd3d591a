import Reports
import Support
import ZooIndex

/// Who was made from whom, as the files themselves say.
enum LineagePage {
  /// The most models that are drawn.
  private static let limit = 400

  static func respond(_ index: ServedIndex, _ frame: PageFrame) throws -> Response {
    let filter = frame.request.query["where"]
    var problem: String?
    var figure: HTML = ""
    do { figure = try html(index, filter) } catch let error as Diagnostic
      where error.code == .usage || error.code == .failed
    {
      problem = PageFrame.words(error)
    }
    let body: HTML = """
      <form action="/lineage" class="bar">
      \(Forms.filter(filter, problem: problem))
      <button>Draw</button>
      </form>
      <p class="note">From the parents that files name. What weights alone tell, \
      <code>\(Wording.name(of: .zooTrees))</code> finds out.</p>
      \(figure)
      """
    return frame.response(
      "Lineage", section: .lineage, status: problem == nil ? 200 : 400, body)
  }

  static func file(_ index: ServedIndex, _ frame: PageFrame, ending: String) throws -> Response {
    let rows = try rows(index, frame.request.query["where"])
    if ending == "svg" {
      return .file(
        drawing(rows).svg(), type: "image/svg+xml", name: "lineage.svg", isShown: true)
    }
    let names = Dictionary(
      rows.map { ($0[1], $0[0]) }, uniquingKeysWith: { first, _ in first })
    let pairs = rows.compactMap { row in names[row[2]].map { [row[0], $0] } }
    let answer = IndexAnswer(columns: ["child", "parent"], rows: pairs)
    return .file(try CSVText.of(answer, folder: ""), type: "text/csv", name: "lineage.csv")
  }

  /// The models that have a parent in the index, or are one: name, file, parent's file.
  private static func rows(_ index: ServedIndex, _ filter: String?) throws -> [[IndexValue]] {
    let all = try index.rows(["name", "file", "parent_file"], where: filter)
    let files = Set(all.map { $0[1] })
    let parents = Set(all.map { $0[2] })
    return all.filter { files.contains($0[2]) || parents.contains($0[1]) }
  }

  private static func html(_ index: ServedIndex, _ filter: String?) throws -> HTML {
    let rows = try rows(index, filter)
    guard !rows.isEmpty else {
      return "<p>No file of these models names another one as its parent.</p>"
    }
    let query = Query().setting("where", filter)
    let svg = drawing(Array(rows.prefix(limit))).svg()
    let more: HTML =
      rows.count > limit
      ? """
      <p class="note">\(limit) of \(PageNumber.count(rows.count)) models are drawn: a filter chooses others, \
      the files have all.</p>
      """ : ""
    return """
      \(more)
      <figure><div class="wide" tabindex="0" role="region" aria-label="Figure">
      \(HTML(trusted: svg))</div>
      <figcaption>\(FigurePiece.downloads("lineage", query, endings: ["svg", "csv"]))</figcaption></figure>
      """
  }

  private static func drawing(_ rows: [[IndexValue]]) -> TreeDrawing {
    let places = Dictionary(
      rows.enumerated().map { ($0.element[1], $0.offset) }, uniquingKeysWith: { first, _ in first })
    return TreeDrawing(
      title: "Lineage", subtitle: "\(PageNumber.count(rows.count)) models that are related",
      nodes: rows.map { row in
        TreeDrawing.Node(
          name: row[0].text, parent: places[row[2]], kind: "made from",
          link: ModelPage.address(row[0].text))
      })
  }
}
