import Foundation

extension ScatterChart {
  private static let (left, top, wide, tall) = (84.0, 78.0, 640.0, 420.0)

  /// The figure as an SVG document. The same figure gives the same text.
  public func svg() -> String {
    let shown = groups.map { $0.dots.filter { x.holds($0.x) && y.holds($0.y) } }
    let across = x.scale(of: shown.joined().map(\.x), tickCount: 7)
    let down = y.scale(of: shown.joined().map(\.y), tickCount: 6)
    let legend = legend(below: Self.top + Self.tall + 74)
    let width = Int(max(Self.left + Self.wide, Double(24 + 8 * subtitle.count)) + 40)
    var svg = SVGElement.head(
      width: width, height: Int(legend.bottom) + 16, title: "\(title). \(subtitle)")
    svg += SVGElement.heading(title, subtitle, x: 24)
    for tick in down.ticks {
      let at = Self.top + Self.tall * (1 - down.position(tick))
      svg.append(
        SVGElement.line(Self.left, at, Self.left + Self.wide, at, color: "#e3e3e3"))
      svg.append(
        SVGElement.text(
          y.label(tick, down), x: Self.left - 8, y: at + 4, anchor: "end", color: "#555555"))
    }
    for tick in across.ticks {
      let at = Self.left + Self.wide * across.position(tick)
      svg.append(
        SVGElement.line(at, Self.top + Self.tall, at, Self.top + Self.tall + 5, color: "#999999"))
      svg.append(
        SVGElement.text(
          x.label(tick, across), x: at, y: Self.top + Self.tall + 20, anchor: "middle",
          color: "#555555"))
    }
    svg.append(
      SVGElement.text(
        x.title, x: Self.left + Self.wide / 2, y: Self.top + Self.tall + 44, anchor: "middle"))
    // Above the axis, as it is read there without turning the head.
    svg.append(SVGElement.text(y.title, x: 24, y: Self.top - 10))
    for (number, dots) in shown.enumerated() {
      for dot in dots {
        let place = (
          Self.left + Self.wide * across.position(x.drawn(dot.x)),
          Self.top + Self.tall * (1 - down.position(y.drawn(dot.y)))
        )
        let words =
          "\(dot.name): \(x.label) \(NumberFormat.significant(dot.x)), "
          + "\(y.label) \(NumberFormat.significant(dot.y))"
        svg.append(
          SVGElement.link(
            to: dot.link, Self.mark(number, place.0, place.1, title: words)))
      }
    }
    svg += legend.elements
    svg.append("</svg>")
    return svg.joined(separator: "\n") + "\n"
  }

  /// A dot's form: seven that are told apart without their colours.
  private static func mark(_ number: Int, _ x: Double, _ y: Double, title: String) -> String {
    func n(_ value: Double) -> String { SVGElement.number(value) }
    let inside = title.isEmpty ? "" : "<title>\(title.escapedForXML)</title>"
    let paint = "fill=\"\(Palette.color(number))\" fill-opacity=\"0.7\""
    let path: String
    switch number % 7 {
    case 0: return "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"3.4\" \(paint)>\(inside)</circle>"
    case 1: path = "M\(n(x - 3)) \(n(y - 3))h6v6h-6z"
    case 2: path = "M\(n(x)) \(n(y - 4.2))l4.2 7.2h-8.4z"
    case 3: path = "M\(n(x)) \(n(y - 4.6))l4.2 4.6l-4.2 4.6l-4.2 -4.6z"
    case 4: path = "M\(n(x)) \(n(y + 4.2))l4.2 -7.2h-8.4z"
    case 5: path = "M\(n(x - 1.3)) \(n(y - 4))h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7v-2.6h2.7z"
    default: path = "M\(n(x - 4.4)) \(n(y - 1.4))h8.8v2.8h-8.8z"
    }
    return "<path d=\"\(path)\" \(paint)>\(inside)</path>"
  }

  /// The names of the groups, in rows.
  private func legend(below top: Double) -> (elements: [String], bottom: Double) {
    guard groups.contains(where: { !$0.name.isEmpty }) else { return ([], top - 20) }
    var (x, y) = (24.0, top)
    var elements: [String] = []
    for (number, group) in groups.enumerated() {
      let length = 36 + 8 * Double(group.name.count)
      if x > 24, x + length > Self.left + Self.wide { (x, y) = (24, y + 20) }
      elements.append(Self.mark(number, x + 6, y - 4, title: ""))
      elements.append(SVGElement.text(group.name, x: x + 18, y: y))
      x += length
    }
    return (elements, y)
  }
}

extension ScatterChart.Axis {
  /// Whether there is a place for a number.
  fileprivate func holds(_ value: Double) -> Bool {
    AxisScale.holds(value) && (!isLogarithmic || value > 0)
  }

  /// A number as it is drawn.
  fileprivate func drawn(_ value: Double) -> Double { isLogarithmic ? log10(value) : value }

  fileprivate func scale(of values: [Double], tickCount: Int) -> AxisScale {
    let drawn = values.map(drawn)
    // Ticks of an axis that spans several powers of ten are whole powers.
    let span = (drawn.max() ?? 1) - (drawn.min() ?? 0)
    let areWhole = drawn.allSatisfy { $0 == $0.rounded() }
    return AxisScale(
      holding: drawn, tickCount: tickCount,
      minimumStep: isLogarithmic ? (span > 1.5 ? 1 : 0) : areWhole ? 1 : 0)
  }

  fileprivate func label(_ tick: Double, _ scale: AxisScale) -> String {
    isLogarithmic ? NumberFormat.significant(pow(10, tick), digits: 3) : scale.label(tick)
  }

  fileprivate var title: String { isLogarithmic ? "\(label) (logarithmic)" : label }
}
