import Reports

/// A figure that can be looked at, kept as numbers, and restyled.
protocol DrawnFigure {
  func svg() -> String
  func csv() -> String
  func vegaLite() throws -> String
}

extension LineChart: DrawnFigure {}
extension ScatterChart: DrawnFigure {}
extension ParallelCoordinates: DrawnFigure {}

/// Figures in pages, and by themselves.
enum FigurePiece {
  /// The kinds of files that a figure can be had as, by the endings of their addresses.
  static let endings = ["svg", "csv", "json"]

  /// A figure in a page, with the ways to its files.
  ///
  /// - Parameters:
  ///   - name: the address of the figure's files, without an ending.
  ///   - query: what stands behind it.
  static func html(_ figure: some DrawnFigure, name: String, _ query: Query) -> HTML {
    """
    <figure>
    <div class="wide" tabindex="0" role="region" aria-label="Figure">
    \(HTML(trusted: figure.svg()))</div>
    <figcaption>\(downloads(name, query))</figcaption>
    </figure>
    """
  }

  /// The ways to a figure's files.
  static func downloads(_ name: String, _ query: Query, endings: [String] = endings) -> [HTML] {
    let words = ["svg": "SVG", "csv": "CSV", "json": "Vega-Lite"]
    return endings.map { ending in
      let address = query.address("/\(name).\(ending)")
      return "<a class=\"button\" href=\"\(address)\">\(words[ending] ?? ending)</a> "
    }
  }

  /// A figure as a file.
  static func file(_ figure: some DrawnFigure, name: String, ending: String) throws -> Response {
    switch ending {
    case "svg":
      .file(figure.svg(), type: "image/svg+xml", name: "\(name).svg", isShown: true)
    case "csv": .file(figure.csv(), type: "text/csv", name: "\(name).csv")
    default:
      .file(try figure.vegaLite(), type: "application/json", name: "\(name).vl.json")
    }
  }
}
