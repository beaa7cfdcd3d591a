import Reports
import Support
import ZooIndex

/// The page of a model: labels, results, learning curve, lineage, layers, tensors.
enum ModelPage {
  /// The most rows of a table; the rest is in the file to download.
  private static let rowLimit = 300
  private static let childLimit = 100

  /// The address of a model's page.
  static func address(_ name: String) -> String { Query([("name", name)]).address("/model") }

  static func respond(_ index: ServedIndex, _ frame: PageFrame, _ facts: [String: ModelFacts])
    throws -> Response
  {
    let model = try one(index, frame)
    let overview = try index.overview()
    let own = facts[model.name] ?? ModelFacts()
    var body: HTML = """
      <p><a class="button" href="\(Query([("model", model.name)]).address("/compare"))">Compare …</a></p>
      """
    body += try figures(index, model, overview)
    body += try lineage(index, model, overview)
    if let chart = LearningCurves.chart([(model.name, own)]) {
      body += "<h2>Learning curve</h2>\n"
      body += FigurePiece.html(chart, name: "curve", Query([("model", model.name)]))
    }
    for metric in try index.metrics() { body += try results(index, metric, model) }
    body += layers(model.name, own, folder: overview.folder)
    body += try tensors(index, model)
    return frame.response(model.name, section: .models, body)
  }

  /// The tensors of a model, or its results of a metric, as comma-separated values.
  static func csv(_ index: ServedIndex, _ frame: PageFrame) throws -> Response {
    let model = try one(index, frame)
    let of = frame.request.query["of"] ?? "tensors"
    var query = IndexQuery()
    query.filter = "id = ?"
    query.arguments = [model.id]
    if of == "tensors" {
      query.subject = .tensors
      query.columns = tensorColumns
    } else {
      query.subject = .results(of)
      query.columns = ["tensor"] + (try metric(of, in: index)).columns
    }
    let text = try CSVText.of(try index.ask(query), folder: try index.overview().folder)
    return .file(text, type: "text/csv", name: "\(model.name)-\(of).csv")
  }

  /// The metric of a name.
  static func metric(_ name: String, in index: ServedIndex) throws -> MetricDescription {
    let metrics = try index.metrics()
    guard let metric = metrics.first(where: { $0.name == name }) else {
      throw Diagnostic(
        .noInput, "the index has no results of '\(name)'",
        remedy: "there are: \(metrics.map(\.name).joined(separator: ", "))")
    }
    return metric
  }

  private static let tensorColumns = [
    "tensor", "shape", "type", "elements", "stored", "offset", "hash",
  ]

  private static func one(_ index: ServedIndex, _ frame: PageFrame) throws -> ServedModel {
    let name = frame.request.query["name"] ?? ""
    guard let model = try ServedModel.named([name], in: index).first else {
      throw Diagnostic(
        .noInput, "no model of this index is called '\(name)'",
        remedy: "the table of models lists all names")
    }
    return model
  }

  private static func figures(
    _ index: ServedIndex, _ model: ServedModel, _ overview: ServedIndex.Overview
  ) throws -> HTML {
    func list(_ title: String, _ takes: (IndexColumn) -> Bool) throws -> HTML {
      let facts = try zip(overview.columns, model.values).filter {
        takes($0.0) && !$0.1.text.isEmpty
      }
      .map { column, value -> HTML in
        "<dt>\(column.name)</dt><dd>\(try index.shown(value, of: column.name))</dd>\n"
      }
      return facts.isEmpty
        ? "" : "<section><h2>\(title)</h2><dl class=\"facts\">\(facts)</dl></section>\n"
    }
    return """
      <div class="columns">
      \(try list("Labels") { $0.origins != ["file"] && $0.origins != ["scan"] })\
      \(try list("Figures of scans") { $0.origins == ["scan"] })\
      \(try list("The file") { $0.origins == ["file"] && $0.name != "name" })</div>
      """
  }

  private static func lineage(
    _ index: ServedIndex, _ model: ServedModel, _ overview: ServedIndex.Overview
  ) throws -> HTML {
    let ancestors = try model.ancestors(in: index)
    let children = try model.children(in: index, limit: childLimit + 1)
    let named = model.value("parent", overview).text
    guard !ancestors.isEmpty || !children.isEmpty || !named.isEmpty else { return "" }
    func link(_ relative: ServedModel.Relative) -> HTML {
      "<li><a href=\"\(address(relative.name))\">\(relative.name)</a></li>\n"
    }
    var html: HTML = "<h2>Lineage</h2>\n"
    if !ancestors.isEmpty {
      html +=
        "<p>Made from, the nearest first:</p><ol class=\"names\">\(ancestors.map(link))</ol>\n"
    } else if !named.isEmpty {
      html += "<p>Its file says that it was made from \(named), which is not in the index.</p>\n"
    }
    if !children.isEmpty {
      let shown = children.prefix(childLimit).map(link)
      html += "<p>What was made from it:</p><ul class=\"names\">\(shown)</ul>\n"
      if children.count > childLimit {
        html += "<p class=\"note\">and more: the first \(childLimit) are shown</p>\n"
      }
    }
    return html
  }

  private static func results(
    _ index: ServedIndex, _ metric: MetricDescription, _ model: ServedModel
  ) throws -> HTML {
    let rows = try model.results(metric.name, metric.columns, in: index)
    guard !rows.isEmpty else { return "" }
    let query = Query([("name", model.name), ("of", metric.name)])
    var html: HTML = "<h2>\(metric.name)</h2>\n"
    if let chart = try LayerCurves(metric, of: [model], in: index).chart {
      html += FigurePiece.html(
        chart, name: "layers", Query([("metric", metric.name), ("model", model.name)]))
    }
    html += DataTable.html(["tensor"] + metric.columns, rows, limit: rowLimit)
    html += "<p><a class=\"button\" href=\"\(query.address("/model.csv"))\">CSV</a></p>\n"
    return html
  }

  private static func layers(_ name: String, _ facts: ModelFacts, folder: String) -> HTML {
    guard !facts.layers.isEmpty else {
      let note = facts.note.map { ServedIndex.relative($0, to: folder) }
      return note.map { "<h2>Layers</h2><p class=\"note\">\($0)</p>\n" } ?? ""
    }
    let rows = facts.layers.map { layer -> [IndexValue] in
      [
        .text(layer.name), .text(layer.type), .text(layer.inputs.joined(separator: ", ")),
        .text(layer.output), .integer(Int64(layer.parameters)),
      ]
    }
    return """
      <h2>Layers</h2>
      <p class="note">How sure this is: \(facts.certainty ?? "")</p>
      \(NetworkFigure.html(name, facts))
      \(DataTable.html(["layer", "type", "reads", "output", "parameters"], rows, limit: rowLimit))
      """
  }

  private static func tensors(_ index: ServedIndex, _ model: ServedModel) throws -> HTML {
    let rows = try index.rows(
      tensorColumns, of: .tensors, where: "id = ?", [model.id], limit: rowLimit + 1)
    let query = Query([("name", model.name), ("of", "tensors")])
    return """
      <h2>Tensors</h2>
      \(DataTable.html(tensorColumns, rows, limit: rowLimit))
      <p><a class="button" href="\(query.address("/model.csv"))">CSV</a></p>
      """
  }
}
