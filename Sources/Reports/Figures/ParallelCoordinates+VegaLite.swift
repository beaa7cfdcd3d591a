extension ParallelCoordinates {
  /// The figure as a Vega-Lite 5 specification with its data inside: where each value stands on its axis,
  /// from 0 to 1, and what it is.
  public func vegaLite() throws -> String {
    let scales = scales
    let rows = lines.flatMap { line in
      axes.indices.compactMap { axis -> Row? in
        guard let position = scales[axis].position(line.values[axis]) else { return nil }
        let value =
          switch line.values[axis] {
          case .number(let number): NumberFormat.significant(number)
          case .text(let text): text
          case .missing: ""
          }
        return Row(
          name: line.name, group: groups.indices.contains(line.group) ? groups[line.group] : "",
          axis: axes[axis], position: position, value: value)
      }
    }
    let specification = Specification(
      title: .init(text: title, subtitle: subtitle), width: 160 * max(1, axes.count - 1),
      data: .init(values: rows),
      encoding: .init(
        x: .init(field: "axis", type: "nominal", title: "", sort: axes),
        y: .init(field: "position", type: "quantitative", title: ""),
        color: .init(
          field: "group", type: "nominal", title: "",
          scale: .init(domain: groups, range: groups.indices.map(Palette.color))),
        detail: .init(field: "name", type: "nominal", title: "")))
    return try VegaLite.text(of: specification)
  }

  private struct Row: Encodable {
    var name: String
    var group: String
    var axis: String
    var position: Double
    var value: String
  }

  private struct Specification: Encodable {
    struct Values: Encodable { var values: [Row] }
    struct Scale: Encodable {
      var domain: [String]
      var range: [String]
    }
    struct Channel: Encodable {
      var field: String
      var type: String
      var title: String
      var sort: [String]?
      var scale: Scale?
    }
    struct Encoding: Encodable {
      var x: Channel
      var y: Channel
      var color: Channel
      var detail: Channel
    }
    struct Mark: Encodable {
      let type = "line"
      let opacity = 0.5
      let tooltip = true
    }

    let schema = VegaLite.schema
    var title: VegaLite.Title
    var width: Int
    let height = 400
    var data: Values
    let mark = Mark()
    var encoding: Encoding

    enum CodingKeys: String, CodingKey {
      case schema = "$schema"
      case title, width, height, data, mark, encoding
    }
  }
}
