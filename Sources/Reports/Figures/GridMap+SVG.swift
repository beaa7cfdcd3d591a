extension GridMap {
  // The size of a cell, what is kept free left of a grid for names of rows, and above the first one.
  private static let (side, tall, left, top) = (58, 36, 84, 110)

  /// The figure as an SVG document.
  public func svg() -> String {
    let axes = "\(columnTitle) (across), \(rowTitle) (down)"
    let wide = max(columnValues.count * Self.side, 7 * axes.count)
    let panelWidth = Self.left + wide + 30
    let panelHeight = rowValues.count * Self.tall + 92
    let (lineNames, legendWidth) = legend()
    let width = max(2 * panelWidth, 48 + 8 * max(title.count, subtitle.count), legendWidth)
    let height = Self.top + (panels.count + 1) / 2 * panelHeight + 20
    var svg = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
      height="\(height)" role="img" font-family="system-ui, 'DejaVu Sans', sans-serif" \
      font-size="12">
      """, "<title>\(title.escapedForXML)</title>",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<text x=\"24\" y=\"30\" font-size=\"17\" font-weight=\"600\">\(title.escapedForXML)</text>",
      "<text x=\"24\" y=\"50\" fill=\"#555555\">\(subtitle.escapedForXML)</text>",
    ]
    svg += lineNames
    for (index, panel) in panels.enumerated() {
      let x = Self.left + index % 2 * panelWidth
      let y = Self.top + index / 2 * panelHeight
      svg.append(
        "<text x=\"\(x)\" y=\"\(y - 10)\" font-weight=\"600\">\(panel.title.escapedForXML)</text>")
      svg += panel.cells.map { cell in
        "<rect x=\"\(x + cell.column * Self.side)\" y=\"\(y + cell.row * Self.tall)\" "
          + "width=\"\(Self.side)\" height=\"\(Self.tall)\" fill=\"\(cell.color)\" "
          + "stroke=\"#ffffff\"/>"
      }
      // Lines run below what stands in the cells, and the words have a rim of their cell's colour, so that
      // no line touches a number.
      for (number, line) in lines.enumerated() {
        svg += draw(line, number, x: Double(x), y: Double(y))
      }
      svg += panel.cells.flatMap { Self.words(of: $0, x: x, y: y) }
      svg += names(x: x, y: y, axes: axes)
    }
    svg.append("</svg>")
    return svg.joined(separator: "\n") + "\n"
  }

  /// The names of the lines, and how wide they are together.
  private func legend() -> ([String], Int) {
    var x = 24
    var svg: [String] = []
    for (index, line) in lines.enumerated() {
      svg.append(
        "<line x1=\"\(x)\" y1=\"66\" x2=\"\(x + 22)\" y2=\"66\" stroke=\"#000000\" "
          + "stroke-width=\"2.4\"\(Self.dash(index))/>"
          + "<text x=\"\(x + 28)\" y=\"70\">\(line.name.escapedForXML)</text>")
      x += 52 + 7 * line.name.count
    }
    return (svg, x)
  }

  private static func words(of cell: Cell, x: Int, y: Int) -> [String] {
    let middle = x + cell.column * side + side / 2
    let row = y + cell.row * tall
    // What is long is written smaller, so that it stays in its cell.
    let size = cell.text.count <= 6 ? 12 : cell.text.count <= 8 ? 10 : 8
    let rim =
      "paint-order=\"stroke\" stroke=\"\(cell.color)\" stroke-width=\"5\" stroke-linejoin=\"round\""
    var svg = [
      "<text x=\"\(middle)\" y=\"\(row + (cell.note.isEmpty ? 22 : 16))\" text-anchor=\"middle\" "
        + "font-size=\"\(size)\" \(rim)>\(cell.text.escapedForXML)</text>"
    ]
    if !cell.note.isEmpty {
      svg.append(
        "<text x=\"\(middle)\" y=\"\(row + 29)\" text-anchor=\"middle\" font-size=\"9\" \(rim)>"
          + "\(cell.note.escapedForXML)</text>")
    }
    return svg
  }

  /// The names of columns, rows and axes.
  private func names(x: Int, y: Int, axes: String) -> [String] {
    let bottom = y + rowValues.count * Self.tall
    let columns = columnValues.enumerated().map { column, value in
      "<text x=\"\(x + column * Self.side + Self.side / 2)\" y=\"\(bottom + 18)\" "
        + "text-anchor=\"middle\" fill=\"#555555\">\(value.escapedForXML)</text>"
    }
    let rows = rowValues.enumerated().map { row, value in
      "<text x=\"\(x - 8)\" y=\"\(y + row * Self.tall + 22)\" text-anchor=\"end\" "
        + "fill=\"#555555\">\(value.escapedForXML)</text>"
    }
    return columns + rows + [
      "<text x=\"\(x)\" y=\"\(bottom + 40)\" fill=\"#555555\">\(axes.escapedForXML)</text>"
    ]
  }

  private static func dash(_ index: Int) -> String {
    ["", " stroke-dasharray=\"7 3\"", " stroke-dasharray=\"2 3\""][index % 3]
  }

  private func draw(_ line: Line, _ index: Int, x: Double, y: Double) -> [String] {
    func number(_ value: Double) -> String { NumberFormat.fixed(value, decimals: 1) }
    let (side, tall) = (Double(Self.side), Double(Self.tall))
    let places = line.points.map { "\(number(x + $0.x * side)),\(number(y + $0.y * tall))" }
    var svg = [
      "<polyline points=\"\(places.joined(separator: " "))\" fill=\"none\" stroke=\"#000000\" "
        + "stroke-opacity=\"0.55\" stroke-width=\"2.4\"\(Self.dash(index))/>"
    ]
    for point in line.points {
      guard let low = point.low, let high = point.high else { continue }
      let at = number(y + point.y * tall)
      svg.append(
        "<line x1=\"\(number(x + low * side))\" y1=\"\(at)\" x2=\"\(number(x + high * side))\" "
          + "y2=\"\(at)\" stroke=\"#000000\" stroke-opacity=\"0.55\" stroke-width=\"1\"/>")
    }
    return svg
  }
}
