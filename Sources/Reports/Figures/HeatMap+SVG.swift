extension HeatMap {
  private static let side = 420.0
  private static let top = 108.0

  /// Sizes in the units of the drawing.
  private struct Layout {
    let cell: (width: Double, height: Double)
    let names: Double
    let rows: Int
    let columns: Int
    var grid: (width: Double, height: Double) {
      (cell.width * Double(columns), cell.height * Double(rows))
    }
    /// From one panel to the next.
    var stride: Double { names + max(grid.width, 180) + 40 }

    /// Every how many rows and columns a name has room.
    var rowStep: Int { max(1, Int((15 / cell.height).rounded(.up))) }
    func columnStep(_ longest: Int) -> Int {
      max(1, Int(((8.0 * Double(longest) + 6) / cell.width).rounded(.up)))
    }
  }

  /// The figure as an SVG document.
  public func svg() -> String {
    let rows = panels.map(\.rows.count).max() ?? 0
    let columns = panels.map(\.columns.count).max() ?? 0
    let longest = min(34, panels.flatMap(\.rows).map(\.count).max() ?? 0)
    let layout = Layout(
      cell: (
        min(56, max(2, Self.side / Double(max(1, columns)))),
        min(34, max(2, Self.side / Double(max(1, rows))))
      ), names: 24 + 8 * Double(longest), rows: rows, columns: columns)
    let heading = SVGElement.headingWidth(title, subtitle)
    let grids: Double = 24 + layout.stride * Double(max(1, panels.count))
    let width = Int(max(grids, heading, 460))
    let bottom = Self.top + layout.grid.height + 54
    var svg = SVGElement.head(
      width: width, height: Int(bottom) + 62, title: "\(title). \(subtitle)")
    svg += SVGElement.heading(title, subtitle, x: 24)
    svg.append(
      SVGElement.text(
        "\(rowTitle) (down), \(columnTitle) (across)", x: 24, y: 70, color: "#555555"))
    for (index, panel) in panels.enumerated() {
      svg += draw(panel, x: layout.names + layout.stride * Double(index), layout)
    }
    svg += bar(y: bottom)
    svg.append("</svg>")
    return svg.joined(separator: "\n") + "\n"
  }

  private func draw(_ panel: Panel, x: Double, _ layout: Layout) -> [String] {
    let limit = Int(max(layout.grid.width, 180) / 8)
    var svg = [
      SVGElement.text(
        panel.title.shortened(to: limit), x: x, y: Self.top - 12, weight: "600")
    ]
    let hasNumbers = layout.cell.width >= 34 && layout.cell.height >= 16
    for (row, values) in panel.values.enumerated() {
      let y = Self.top + Double(row) * layout.cell.height
      for (column, value) in values.enumerated() where value.isFinite {
        let left = x + Double(column) * layout.cell.width
        let color = color(of: value)
        let words =
          "\(panel.rows[row]), \(panel.columns[column]): \(NumberFormat.significant(value))"
        svg.append(
          """
          <rect x="\(SVGElement.number(left))" y="\(SVGElement.number(y))" \
          width="\(SVGElement.number(layout.cell.width))" \
          height="\(SVGElement.number(layout.cell.height))" fill="\(color)">\
          <title>\(words.escapedForXML)</title></rect>
          """)
        guard hasNumbers else { continue }
        svg.append(
          SVGElement.text(
            Self.short(value), x: left + layout.cell.width / 2, y: y + layout.cell.height / 2 + 4,
            size: 11, anchor: "middle", color: isDark(value) ? "#ffffff" : "#1a1a1a"))
      }
      if row % layout.rowStep == 0 {
        svg.append(
          SVGElement.text(
            panel.rows[row].shortened(to: 34), x: x - 8, y: y + layout.cell.height / 2 + 4,
            anchor: "end", color: "#555555"))
      }
    }
    let step = layout.columnStep(panel.columns.map(\.count).max() ?? 1)
    let under = Self.top + Double(panel.rows.count) * layout.cell.height + 18
    for (column, name) in panel.columns.enumerated() where column % step == 0 {
      svg.append(
        SVGElement.text(
          name, x: x + (Double(column) + 0.5) * layout.cell.width, y: under, anchor: "middle",
          color: "#555555"))
    }
    return svg
  }

  /// The scale: its colours with numbers at both ends and in the middle.
  private func bar(y: Double) -> [String] {
    let (low, high) = ends
    let wide = 240.0
    var svg = (0..<48).map { place -> String in
      let value = low + (high - low) * (Double(place) + 0.5) / 48
      return """
        <rect x="\(SVGElement.number(24 + wide / 48 * Double(place)))" y="\(SVGElement.number(y))" \
        width="\(SVGElement.number(wide / 48 + 0.5))" height="12" fill="\(color(of: value))"/>
        """
    }
    for (place, value) in [(0.0, low), (0.5, (low + high) / 2), (1.0, high)] {
      svg.append(
        SVGElement.text(
          NumberFormat.significant(value, digits: 3), x: 24 + wide * place, y: y + 28,
          anchor: place == 0 ? "start" : place == 1 ? "end" : "middle", color: "#555555"))
    }
    svg.append(SVGElement.text(valueTitle, x: 24 + wide + 16, y: y + 11))
    return svg
  }

  private func isDark(_ value: Double) -> Bool {
    let (low, high) = ends
    let place = high > low ? (value - low) / (high - low) : 0
    if case .diverging = scale { return place < 0.12 || place > 0.88 }
    return place > 0.6
  }

  /// A number in a cell.
  private static func short(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e6
      ? NumberFormat.fixed(value, decimals: 0) : NumberFormat.significant(value, digits: 2)
  }
}
