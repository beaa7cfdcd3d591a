extension LineChart {
  /// The points as comma-separated values with the columns panel, series, x and y. A number that is
  /// not finite is an empty cell.
  public func csv() -> String {
    var lines = ["panel,series,x,y"]
    for panel in panels {
      for series in panel.series {
        for point in series.points {
          lines.append(
            [
              panel.title.escapedForCSV, series.name.escapedForCSV, Self.cell(point.x),
              Self.cell(point.y),
            ].joined(separator: ","))
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The figure as a Vega-Lite 5 specification with its data inside, to restyle and to put on a page.
  public func vegaLite() throws -> String {
    let specification = Specification(
      title: VegaLite.Title(text: title, subtitle: subtitle),
      hconcat: panels.map { panel in
        View(
          title: panel.title,
          data: Values(
            values: panel.series.flatMap { series in
              series.points.map { point in
                Row(
                  series: series.name, x: point.x.isFinite ? point.x : nil,
                  y: point.y.isFinite ? point.y : nil)
              }
            }),
          mark: Mark(panel), encoding: Encoding(panel, colors: seriesNames))
      })
    return try VegaLite.text(of: specification)
  }

  private static func cell(_ value: Double) -> String { value.isFinite ? "\(value)" : "" }

  private struct Specification: Encodable {
    let schema = VegaLite.schema
    let title: VegaLite.Title
    let hconcat: [View]

    enum CodingKeys: String, CodingKey {
      case schema = "$schema"
      case title, hconcat
    }
  }

  private struct View: Encodable {
    let title: String
    let data: Values
    let mark: Mark
    let encoding: Encoding
  }

  private struct Values: Encodable { let values: [Row] }

  private struct Row: Encodable {
    let series: String
    let x: Double?
    let y: Double?
  }

  private struct Mark: Encodable {
    let type: String
    let point: Bool
    let tooltip = true

    init(_ panel: Panel) {
      let styles = Set(panel.series.map(\.style))
      type = styles == [.dots] ? "point" : "line"
      point = styles != [.line]
    }
  }

  private struct Encoding: Encodable {
    let x: Channel
    let y: Channel
    let color: Channel

    init(_ panel: Panel, colors names: [String]) {
      x = Channel(
        field: "x", type: "quantitative", title: panel.xLabel,
        scale: panel.isLogarithmic ? Scale(type: "log") : nil)
      y = Channel(field: "y", type: "quantitative", title: panel.title, scale: Scale(zero: false))
      color = Channel(
        field: "series", type: "nominal", title: "",
        scale: Scale(domain: names, range: names.indices.map(Palette.color)))
    }
  }

  private struct Channel: Encodable {
    let field: String
    let type: String
    let title: String
    var scale: Scale?
  }

  private struct Scale: Encodable {
    var type: String?
    var zero: Bool?
    var domain: [String]?
    var range: [String]?
  }
}
