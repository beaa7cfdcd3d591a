import Foundation

extension LineChart {
  /// The figure as an SVG document: vector, self-contained, readable on light and on dark pages.
  /// The same figure gives the same text.
  public func svg() -> String {
    let names = seriesNames
    let layout = Layout(
      panelCount: panels.count, columns: columns ?? max(1, panels.count), names: names,
      headingLength: max(title.count * 10, subtitle.count * 7))
    var lines: [String] = []
    lines.append(
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(layout.width) \(layout.height)" \
      width="\(layout.width)" height="\(layout.height)" role="img" \
      font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="13">
      """)
    lines.append("<title>\(title.escapedForXML)</title>")
    lines.append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>")
    lines.append(text(title, x: layout.margin, y: 30, size: 17, weight: "600"))
    lines.append(text(subtitle, x: layout.margin, y: 50, color: "#555555"))
    for (index, panel) in panels.enumerated() {
      lines += draw(panel, at: layout.panelOrigin(index), layout: layout, names: names)
    }
    lines += legend(names, layout)
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Sizes in the units of the drawing.
  private struct Layout {
    let panelCount: Int
    let columns: Int
    let names: [String]
    /// About how long the title and the subtitle are.
    let headingLength: Int
    let margin = 24
    let panelWidth = 380
    let panelHeight = 250
    let axisSpace = 56
    let rowSpace = 90
    var rows: Int { max(1, (panelCount + columns - 1) / columns) }
    var width: Int {
      let panels = max(1, min(columns, panelCount)) * (panelWidth + axisSpace)
      return margin + max(panels, headingLength) + margin
    }
    /// How many letters of a panel's title stand beside the next one's.
    var titleLength: Int { (panelWidth + axisSpace / 2) / 8 }
    /// Where each name of the legend stands, in rows as wide as the figure.
    var legend: [(x: Int, row: Int)] {
      var (x, row) = (margin, 0)
      return names.map { name in
        let length = 44 + name.count * 8
        if x > margin, x + length > width { (x, row) = (margin, row + 1) }
        defer { x += length }
        return (x, row)
      }
    }
    var legendTop: Int { 100 + rows * panelHeight + (rows - 1) * rowSpace + 80 }
    var height: Int { legendTop + 20 * (legend.last?.row ?? 0) + 14 }
    func panelOrigin(_ index: Int) -> Point {
      Point(
        x: Double(margin + axisSpace + index % columns * (panelWidth + axisSpace)),
        y: Double(100 + index / columns * (panelHeight + rowSpace)))
    }
  }

  private func draw(
    _ original: Panel, at origin: Point, layout: Layout, names: [String]
  ) -> [String] {
    let panel = original.isLogarithmic ? original.withLogarithms : original
    let points = panel.series.flatMap(\.points).filter(\.isFinite)
    // There is no layer one and a half, and between powers of two no tick.
    let areWhole = points.allSatisfy { $0.x == $0.x.rounded() }
    let xScale = AxisScale(
      holding: points.map(\.x), minimumStep: original.isLogarithmic || areWhole ? 1 : 0)
    let yScale = AxisScale(holding: points.map(\.y))
    let width = Double(layout.panelWidth)
    let height = Double(layout.panelHeight)
    func place(_ point: Point) -> Point {
      Point(
        x: origin.x + xScale.position(point.x) * width,
        y: origin.y + (1 - yScale.position(point.y)) * height)
    }
    let title = panel.title.shortened(to: layout.titleLength)
    var lines = [text(title, x: Int(origin.x), y: Int(origin.y) - 14, weight: "600")]
    for tick in yScale.ticks {
      let at = place(Point(x: xScale.lower, y: tick))
      lines.append(
        """
        <line x1="\(number(at.x))" y1="\(number(at.y))" x2="\(number(at.x + width))" \
        y2="\(number(at.y))" stroke="#e3e3e3"/>
        """)
      lines.append(
        text(
          yScale.label(tick), x: Int(at.x) - 8, y: Int(at.y) + 4, anchor: "end", color: "#555555"))
    }
    for tick in xScale.ticks {
      let at = place(Point(x: tick, y: yScale.lower))
      lines.append(
        text(
          panel.isLogarithmic ? powerLabel(tick) : xScale.label(tick), x: Int(at.x),
          y: Int(at.y) + 20, anchor: "middle", color: "#555555"))
    }
    lines.append(
      text(
        panel.xLabel, x: Int(origin.x + width / 2), y: Int(origin.y + height) + 42,
        anchor: "middle", color: "#555555"))
    if yScale.lower > 0 || yScale.upper < 0 {
      // Under everything else of the panel, where no other words are.
      lines.append(
        text(
          "the vertical axis does not reach 0", x: Int(origin.x), y: Int(origin.y + height) + 58,
          size: 11, color: "#555555"))
    }
    for series in panel.series {
      let rank = names.firstIndex(of: series.name) ?? 0
      let color = Palette.color(rank)
      let runs = series.style == .dots ? [] : series.points.split { !$0.isFinite }
      for run in runs {
        let path = run.map(place).map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
        lines.append(
          """
          <polyline points="\(path)" fill="none" stroke="\(color)" stroke-width="2.2" \
          stroke-linejoin="round"\(Palette.dash(rank))/>
          """)
      }
      for point in series.points where series.style != .line && point.isFinite {
        let at = place(point)
        let reading = "\(series.name): \(NumberFormat.significant(point.y, digits: 4))"
        lines.append(
          """
          <circle cx="\(number(at.x))" cy="\(number(at.y))" r="2.6" fill="\(color)">\
          <title>\(reading.escapedForXML)</title></circle>
          """)
      }
    }
    return lines
  }

  /// What stands at a tick of a logarithmic axis.
  private func powerLabel(_ exponent: Double) -> String {
    NumberFormat.significant(exp2(exponent), digits: 3)
  }

  private func legend(_ names: [String], _ layout: Layout) -> [String] {
    zip(names, layout.legend).enumerated().flatMap { index, entry -> [String] in
      let (left, y) = (entry.1.x, layout.legendTop + 20 * entry.1.row)
      return [
        """
        <line x1="\(left)" y1="\(y - 4)" x2="\(left + 22)" y2="\(y - 4)" \
        stroke="\(Palette.color(index))" stroke-width="3"\(Palette.dash(index))/>
        """,
        text(entry.0, x: left + 28, y: y),
      ]
    }
  }

  private func text(
    _ content: String, x: Int, y: Int, size: Int? = nil, weight: String? = nil,
    anchor: String? = nil, color: String = "#1a1a1a"
  ) -> String {
    var attributes = "x=\"\(x)\" y=\"\(y)\" fill=\"\(color)\""
    if let size { attributes += " font-size=\"\(size)\"" }
    if let weight { attributes += " font-weight=\"\(weight)\"" }
    if let anchor { attributes += " text-anchor=\"\(anchor)\"" }
    return "<text \(attributes)>\(content.escapedForXML)</text>"
  }

  private func number(_ value: Double) -> String { NumberFormat.fixed(value, decimals: 2) }
}

extension LineChart.Panel {
  /// The panel with the logarithms of its abscissae.
  fileprivate var withLogarithms: LineChart.Panel {
    var copy = self
    for index in copy.series.indices {
      copy.series[index].points = copy.series[index].points.compactMap {
        $0.x > 0 ? LineChart.Point(x: log2($0.x), y: $0.y) : nil
      }
    }
    return copy
  }
}
