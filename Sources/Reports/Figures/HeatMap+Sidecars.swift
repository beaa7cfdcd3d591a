extension HeatMap {
  /// The cells as comma-separated values with the columns panel, row, column and value.
  public func csv() -> String {
    var lines = ["panel,row,column,value"]
    for panel in panels {
      for (row, values) in zip(panel.rows, panel.values) {
        for (column, value) in zip(panel.columns, values) {
          let cells = [panel.title, row, column].map(\.escapedForCSV)
          lines.append((cells + [value.isFinite ? "\(value)" : ""]).joined(separator: ","))
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The figure as a Vega-Lite 5 specification.
  public func vegaLite() throws -> String {
    let (low, high) = ends
    let colors: [String] =
      switch scale {
      case .sequential: (0...8).map { ColorRamp.dark.color(at: Double($0) / 8) }
      case .diverging: (0...8).map { ColorRamp.twoSided.color(at: Double($0) / 8) }
      }
    let views = panels.map { panel in
      View(
        title: panel.title,
        data: Values(
          values: zip(panel.rows, panel.values).flatMap { row, values in
            zip(panel.columns, values).map { column, value in
              Cell(row: row, column: column, value: value.isFinite ? value : nil)
            }
          }),
        encoding: Encoding(
          x: Channel(field: "column", type: "nominal", title: columnTitle),
          y: Channel(field: "row", type: "nominal", title: rowTitle),
          color: Channel(
            field: "value", type: "quantitative", title: valueTitle,
            scale: Channel.Colors(domain: [low, high], range: colors))))
    }
    return try VegaLite.text(
      of: Specification(title: VegaLite.Title(text: title, subtitle: subtitle), hconcat: views))
  }

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
    let mark = Mark()
    let encoding: Encoding
  }

  private struct Mark: Encodable {
    let type = "rect"
    let tooltip = true
  }

  private struct Values: Encodable { let values: [Cell] }

  private struct Cell: Encodable {
    let row: String
    let column: String
    let value: Double?
  }

  private struct Encoding: Encodable {
    let x: Channel
    let y: Channel
    let color: Channel
  }

  private typealias Channel = OrderedChannel<Double>
}
