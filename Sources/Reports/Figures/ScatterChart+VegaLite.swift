extension ScatterChart {
  /// The figure as a Vega-Lite 5 specification with its data inside.
  public func vegaLite() throws -> String {
    let values = groups.flatMap { group in
      group.dots.map { Row(name: $0.name, group: group.name, x: $0.x, y: $0.y) }
    }
    let names = groups.map(\.name)
    let specification = Specification(
      title: .init(text: title, subtitle: subtitle), data: .init(values: values),
      encoding: .init(
        x: .init(field: "x", type: "quantitative", title: x.label, scale: .init(x)),
        y: .init(field: "y", type: "quantitative", title: y.label, scale: .init(y)),
        color: .init(
          field: "group", type: "nominal", title: "",
          scale: .init(domain: names, range: names.indices.map(Palette.color))),
        shape: .init(field: "group", type: "nominal", title: ""),
        tooltip: .init(field: "name", type: "nominal", title: "name")))
    return try VegaLite.text(of: specification)
  }

  private struct Row: Encodable {
    var name: String
    var group: String
    var x: Double
    var y: Double
  }

  private struct Specification: Encodable {
    struct Values: Encodable { var values: [Row] }
    struct Encoding: Encodable {
      var x: Channel
      var y: Channel
      var color: Channel
      var shape: Channel
      var tooltip: Channel
    }

    let schema = VegaLite.schema
    var title: VegaLite.Title
    var width = 640
    var height = 420
    var data: Values
    let mark = "point"
    var encoding: Encoding

    enum CodingKeys: String, CodingKey {
      case schema = "$schema"
      case title, width, height, data, mark, encoding
    }
  }

  fileprivate struct Channel: Encodable {
    var field: String
    var type: String
    var title: String
    var scale: Scale?
  }

  fileprivate struct Scale: Encodable {
    var type: String?
    var zero: Bool?
    var domain: [String]?
    var range: [String]?

    init(_ axis: Axis) { (type, zero) = axis.isLogarithmic ? ("log", nil) : ("linear", false) }

    init(domain: [String], range: [String]) {
      self.domain = domain
      self.range = range
    }
  }
}
