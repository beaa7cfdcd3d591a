import Reports

/// The layers of a model, drawn.
enum NetworkFigure {
  /// The most layers that are drawn.
  private static let limit = 600
  /// Up to so many, the picture is open on the page.
  private static let openLimit = 40

  /// The picture; nil where nothing is known of the layers, or they are too many.
  static func drawing(_ name: String, _ facts: ModelFacts) -> GraphDrawing? {
    guard (1...limit).contains(facts.layers.count) else { return nil }
    let places = Dictionary(
      facts.layers.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    return GraphDrawing(
      title: name, subtitle: "\(facts.layers.count) layers, \(facts.certainty ?? "")",
      nodes: facts.layers.map { layer in
        GraphDrawing.Node(
          name: layer.name, detail: "\(layer.type) \(layer.output)",
          inputs: layer.inputs.compactMap { places[$0] })
      })
  }

  /// The picture as a file; nil where there is none.
  static func file(_ name: String, _ facts: ModelFacts, ending: String) -> Response? {
    drawing(name, facts).map { drawing in
      ending == "csv"
        ? .file(drawing.csv(), type: "text/csv", name: "graph.csv")
        : .file(drawing.svg(), type: "image/svg+xml", name: "graph.svg", isShown: true)
    }
  }

  /// The picture in a page.
  static func html(_ name: String, _ facts: ModelFacts) -> HTML {
    guard let drawing = drawing(name, facts) else { return "" }
    let query = Query([("model", name)])
    return """
      <details\(HTML.when(facts.layers.count <= openLimit, " open"))><summary>The network, drawn</summary>
      <figure><div class="wide" tabindex="0" role="region" aria-label="Figure">
      \(HTML(trusted: drawing.svg()))</div>
      <figcaption>\(FigurePiece.downloads("graph", query, endings: ["svg", "csv"]))</figcaption></figure>
      </details>
      """
  }
}
