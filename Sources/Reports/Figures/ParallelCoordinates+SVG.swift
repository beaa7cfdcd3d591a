extension ParallelCoordinates {
  private static let (left, top, gap, tall) = (130.0, 104.0, 170.0, 400.0)
  /// How many letters of a text stand beside an axis.
  private static let labelLength = 16

  /// The figure as an SVG document. The same figure gives the same text.
  public func svg() -> String {
    let scales = scales
    let legend = legend(below: Self.top + Self.tall + 44)
    let right = Self.left + Self.gap * Double(max(0, axes.count - 1)) + 90
    let width = Int(max(right, Double(48 + 8 * subtitle.count), legend.right))
    var svg = SVGElement.head(
      width: width, height: Int(legend.bottom) + 16, title: "\(title). \(subtitle)")
    svg += SVGElement.heading(title, subtitle, x: 24)
    for line in lines { svg += draw(line, scales) }
    for (place, axis) in axes.enumerated() {
      svg += draw(axis, scales[place], at: Self.left + Self.gap * Double(place))
    }
    svg += legend.elements
    svg.append("</svg>")
    return svg.joined(separator: "\n") + "\n"
  }

  private func draw(_ line: Line, _ scales: [Scale]) -> [String] {
    // Runs of values that follow each other; what is missing interrupts.
    var runs: [[String]] = [[]]
    for (place, value) in line.values.enumerated() {
      if let position = scales[place].position(value) {
        let x = Self.left + Self.gap * Double(place)
        runs[runs.count - 1].append(
          "\(SVGElement.number(x)),\(SVGElement.number(Self.top + Self.tall * (1 - position)))")
      } else if !runs[runs.count - 1].isEmpty {
        runs.append([])
      }
    }
    let color = Palette.color(line.group)
    let drawn = runs.filter { !$0.isEmpty }.map { run in
      if run.count == 1 {
        let parts = run[0].split(separator: ",")
        return "<circle cx=\"\(parts[0])\" cy=\"\(parts[1])\" r=\"2.4\" fill=\"\(color)\"/>"
      }
      return "<polyline points=\"\(run.joined(separator: " "))\"/>"
    }
    guard !drawn.isEmpty else { return [] }
    return [
      SVGElement.link(
        to: line.link,
        "<g class=\"thing\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.2\" "
          + "stroke-opacity=\"0.5\"><title>\(line.name.escapedForXML)</title>\(drawn.joined())</g>")
    ]
  }

  private func draw(_ axis: String, _ scale: Scale, at x: Double) -> [String] {
    var svg = [
      SVGElement.line(x, Self.top, x, Self.top + Self.tall, color: "#555555", width: 1.2),
      SVGElement.text(
        axis.shortened(to: 20), x: x, y: Self.top - 16, weight: "600", anchor: "middle"),
    ]
    let labels: [(position: Double, text: String)] =
      switch scale {
      case .numbers(let scale): scale.ticks.map { (scale.position($0), scale.label($0)) }
      case .texts(let texts):
        texts.enumerated().map { place, text in
          ((Double(place) + 0.5) / Double(texts.count), text.shortened(to: Self.labelLength))
        }
      }
    // A column of many texts names as many as there is room for.
    let every = max(1, (labels.count + 24) / 25)
    for (place, label) in labels.enumerated() where place % every == 0 {
      let y = Self.top + Self.tall * (1 - label.position)
      svg.append(SVGElement.line(x - 4, y, x, y, color: "#555555"))
      svg.append(
        SVGElement.text(
          label.text, x: x - 8, y: y + 4, size: 12, anchor: "end", color: "#555555",
          extra: " stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\""))
    }
    return svg
  }

  /// The names of the groups, in rows.
  private func legend(below top: Double) -> (elements: [String], right: Double, bottom: Double) {
    guard groups.contains(where: { !$0.isEmpty }) else { return ([], 0, top - 20) }
    let edge = max(640, Self.left + Self.gap * Double(max(0, axes.count - 1)))
    var (x, y, right) = (24.0, top, 0.0)
    var elements: [String] = []
    for (number, name) in groups.enumerated() {
      let length = 46 + 8 * Double(name.count)
      if x > 24, x + length > edge { (x, y) = (24, y + 20) }
      elements.append(
        SVGElement.line(x, y - 4, x + 22, y - 4, color: Palette.color(number), width: 3))
      elements.append(SVGElement.text(name, x: x + 28, y: y))
      x += length
      right = max(right, x)
    }
    return (elements, right, y)
  }
}
