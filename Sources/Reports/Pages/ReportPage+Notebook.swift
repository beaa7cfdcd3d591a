import Foundation

extension ReportPage {
  /// The page as a Jupyter notebook (nbformat 4.5) whose cells have been run: the numbers of every
  /// table and figure stand in a cell of Python that shows them again, with its output below it.
  ///
  /// Tables are read by pandas; figures are Vega-Lite, which Jupyter draws itself, and SVG, which any
  /// viewer does.
  public func notebook() throws -> String {
    var cells = [
      Cell(markdown: "# \(title.escapedForMarkdown())"),
      Cell(code: Self.preamble, count: 1, output: nil),
    ]
    var count = 1
    for block in blocks {
      switch block {
      case .heading, .paragraph: cells.append(Cell(markdown: Self.markdown(block)))
      case .table(let table):
        count += 1
        let text = Self.quoted(table.commaSeparated)
        cells.append(
          Cell(
            code: "pandas.read_csv(io.StringIO(\(text)), dtype=str, keep_default_na=False)",
            count: count, output: ["text/html": table.html, "text/plain": table.plain]))
      case .map(let map):
        count += 1
        let svg = map.svg()
        cells.append(
          Cell(
            code: "display({\"image/svg+xml\": \(Self.quoted(svg))}, raw=True)", count: count,
            output: ["image/svg+xml": svg, "text/plain": map.title]))
      case .figure(let chart, let caption):
        count += 1
        let specification = Self.quoted(try chart.vegaLite())
        cells.append(
          Cell(
            code: """
              display({"application/vnd.vegalite.v5+json": json.loads(\(specification))}, raw=True)
              """,
            count: count,
            output: ["image/svg+xml": chart.svg(), "text/plain": chart.title]))
        if !caption.isEmpty {
          cells.append(Cell(markdown: caption.escapedForMarkdown(startsBlock: true)))
        }
      }
    }
    for index in cells.indices { cells[index].id = "cell-\(index)" }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(Document(cells: cells)), as: UTF8.self) + "\n"
  }

  private static let preamble =
    "import io, json\nimport pandas\nfrom IPython.display import display"

  /// A text as a Python literal: JSON's strings are Python's, too.
  private static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    // A string can always be encoded.
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }

  private struct Document: Encodable {
    var cells: [Cell]
    let metadata = Metadata()
    let nbformat = 4
    let nbformatMinor = 5
  }

  private struct Metadata: Encodable {
    let kernelspec = ["display_name": "Python 3", "language": "python", "name": "python3"]
    let languageInfo = ["name": "python"]
  }

  private struct Output: Encodable {
    let outputType = "display_data"
    let metadata: [String: String] = [:]
    let data: [String: String]
  }

  private struct Cell: Encodable {
    var id = ""
    let cellType: String
    let source: String
    let metadata: [String: String] = [:]
    var executionCount: Int?
    var outputs: [Output]?

    init(markdown: String) {
      cellType = "markdown"
      source = markdown
    }

    init(code: String, count: Int, output: [String: String]?) {
      cellType = "code"
      source = code
      executionCount = count
      outputs = output.map { [Output(data: $0)] } ?? []
    }
  }
}

extension ReportPage.Table {
  /// The table as comma-separated values.
  var commaSeparated: String {
    ([columns] + rows).map { $0.map(\.escapedForCSV).joined(separator: ",") + "\n" }.joined()
  }

  /// The table as plain text.
  var plain: String {
    var table = TextTable(columns.map { .text($0) })
    for row in rows { table.add(row) }
    return table.text
  }
}
