extension BarChart {
  private static let (top, wide) = (96.0, 460.0)

  /// The figure as an SVG document.
  public func svg() -> String {
    let bar = series.count > 1 ? 9.0 : 13.0
    let tall = bar * Double(series.count) + 7
    let left = 32 + 8 * Double(min(44, rows.map(\.count).max() ?? 0))
    let scale = AxisScale(holding: [0] + series.flatMap(\.values), tickCount: 5)
    let bottom = Self.top + tall * Double(rows.count)
    let heading = SVGElement.headingWidth(title, subtitle)
    let width = Int(max(left + Self.wide + 90, heading))
    let legendTop = bottom + 62
    var svg = SVGElement.head(
      width: width, height: Int(legendTop) + (series.count > 1 ? 24 : 0),
      title: "\(title). \(subtitle)")
    svg += SVGElement.heading(title, subtitle, x: 24)
    for tick in scale.ticks {
      let at = left + Self.wide * scale.position(tick)
      svg.append(SVGElement.line(at, Self.top - 6, at, bottom, color: "#e3e3e3"))
      svg.append(
        SVGElement.text(
          scale.label(tick), x: at, y: bottom + 18, anchor: "middle", color: "#555555"))
    }
    svg.append(
      SVGElement.text(
        valueTitle, x: left + Self.wide / 2, y: bottom + 40, anchor: "middle", color: "#555555"))
    for (row, name) in rows.enumerated() {
      let y = Self.top + tall * Double(row)
      svg.append(
        SVGElement.text(
          name.shortened(to: 44), x: left - 8, y: y + tall / 2 + 3, anchor: "end"))
      for (place, series) in series.enumerated() where series.values[row].isFinite {
        let value = series.values[row]
        let ends = [scale.position(0), scale.position(value)].sorted().map { left + Self.wide * $0 }
        let words = "\(name), \(series.name): \(NumberFormat.significant(value))"
        svg.append(
          """
          <rect x="\(SVGElement.number(ends[0]))" y="\(SVGElement.number(y + bar * Double(place)))" \
          width="\(SVGElement.number(ends[1] - ends[0]))" height="\(SVGElement.number(bar - 1))" \
          fill="\(Palette.color(place + 1))"><title>\(words.escapedForXML)</title></rect>
          """)
      }
    }
    if series.count > 1 {
      var x = 24.0
      for (place, series) in series.enumerated() {
        svg.append(
          """
          <rect x="\(SVGElement.number(x))" y="\(SVGElement.number(legendTop - 10))" width="14" \
          height="11" fill="\(Palette.color(place + 1))"/>
          """)
        svg.append(SVGElement.text(series.name, x: x + 20, y: legendTop))
        x += 44 + 8 * Double(series.name.count)
      }
    }
    svg.append("</svg>")
    return svg.joined(separator: "\n") + "\n"
  }

  /// The figure as a Vega-Lite 5 specification.
  public func vegaLite() throws -> String {
    try VegaLite.text(
      of: Specification(
        title: VegaLite.Title(text: title, subtitle: subtitle),
        data: Values(
          values: series.flatMap { series in
            zip(rows, series.values).map { row, value in
              Bar(name: row, series: series.name, value: value.isFinite ? value : nil)
            }
          }),
        encoding: Encoding(
          x: Channel(field: "value", type: "quantitative", title: valueTitle),
          y: Channel(field: "name", type: "nominal", title: ""),
          yOffset: Channel(field: "series", type: "nominal", title: ""),
          color: Channel(
            field: "series", type: "nominal", title: "",
            scale: Channel.Colors(
              domain: series.map(\.name), range: series.indices.map { Palette.color($0 + 1) })))))
  }

  private struct Specification: Encodable {
    let schema = VegaLite.schema
    let title: VegaLite.Title
    let data: Values
    let mark = Mark()
    let encoding: Encoding

    enum CodingKeys: String, CodingKey {
      case schema = "$schema"
      case title, data, mark, encoding
    }
  }

  private struct Mark: Encodable {
    let type = "bar"
    let tooltip = true
  }

  private struct Values: Encodable { let values: [Bar] }

  private struct Bar: Encodable {
    let name: String
    let series: String
    let value: Double?
  }

  private struct Encoding: Encodable {
    let x: Channel
    let y: Channel
    let yOffset: Channel
    let color: Channel
  }

  private typealias Channel = OrderedChannel<String>
}
