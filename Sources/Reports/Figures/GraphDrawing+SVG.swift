extension GraphDrawing {
  private static let (left, top, wide, tall, across, down) = (24.0, 74.0, 230.0, 38.0, 262.0, 58.0)
  /// How far apart connections run beside the layers.
  private static let lane = 9.0

  /// The picture as an SVG document. The same layers give the same text.
  public func svg() -> String {
    let places = places
    let columns = (places.map(\.column).max() ?? 0) + 1
    let rows = (places.map(\.row).max() ?? 0) + 1
    let edges = nodes.indices.flatMap { node in inputs(of: node).map { (from: $0, to: node) } }
    let isLong = edges.map { places[$0.to].row - places[$0.from].row > 1 }
    let lanes = Self.lanes(
      zip(edges, isLong).map { edge, isLong in
        isLong ? (places[edge.from].row, places[edge.to].row) : nil
      })
    let edge = Self.left + Double(columns - 1) * Self.across + Self.wide
    let laneCount = (lanes.compactMap { $0 }.max() ?? -1) + 1
    let width = max(
      edge + 24 + Double(laneCount) * Self.lane, Double(48 + 10 * title.count),
      Double(48 + 8 * subtitle.count))
    var svg = SVGElement.head(
      width: Int(width), height: Int(Self.top + Double(rows) * Self.down), title: title)
    svg += SVGElement.heading(title, subtitle, x: 24)
    for (number, link) in edges.enumerated() {
      let (from, to) = (Self.corner(places[link.from]), Self.corner(places[link.to]))
      let path: String
      if let lane = lanes[number] {
        let x = edge + 12 + Double(lane) * Self.lane
        path =
          "M\(n(from.x + Self.wide)) \(n(from.y + Self.tall * 0.7))H\(n(x))"
          + "V\(n(to.y + Self.tall * 0.3))H\(n(to.x + Self.wide))"
      } else {
        path =
          "M\(n(from.x + Self.wide / 2)) \(n(from.y + Self.tall))"
          + "L\(n(to.x + Self.wide / 2)) \(n(to.y))"
      }
      svg.append(
        "<path d=\"\(path)\" fill=\"none\" stroke=\"\(Palette.color(lanes[number] == nil ? 1 : 0))\" "
          + "stroke-width=\"1.4\"/>")
    }
    for (node, place) in zip(nodes, places) { svg += Self.draw(node, at: Self.corner(place)) }
    svg.append("</svg>")
    return svg.joined(separator: "\n") + "\n"
  }

  private func n(_ value: Double) -> String { SVGElement.number(value) }

  private static func corner(_ place: Place) -> (x: Double, y: Double) {
    (left + Double(place.column) * across, top + Double(place.row) * down)
  }

  private static func draw(_ node: Node, at corner: (x: Double, y: Double)) -> [String] {
    [
      "<rect x=\"\(SVGElement.number(corner.x))\" y=\"\(SVGElement.number(corner.y))\" "
        + "width=\"\(Int(wide))\" height=\"\(Int(tall))\" rx=\"5\" fill=\"#f2f2f2\" "
        + "stroke=\"#999999\"><title>\(node.name.escapedForXML): \(node.detail.escapedForXML)</title></rect>",
      SVGElement.text(
        node.name.shortened(to: 27), x: corner.x + 8, y: corner.y + 16, weight: "600"),
      SVGElement.text(
        node.detail.shortened(to: 34), x: corner.x + 8, y: corner.y + 31, size: 11,
        color: "#555555"),
    ]
  }

  /// For each connection that passes rows, a lane beside the layers in which no other one runs there.
  ///
  /// - Complexity: O(connections · lanes).
  static func lanes(_ spans: [(from: Int, to: Int)?]) -> [Int?] {
    var ends: [Int] = []
    var result = [Int?](repeating: nil, count: spans.count)
    let order = spans.indices.filter { spans[$0] != nil }
      .sorted { (spans[$0]?.from ?? 0, $0) < (spans[$1]?.from ?? 0, $1) }
    for number in order {
      guard let span = spans[number] else { continue }
      if let free = ends.firstIndex(where: { $0 < span.from }) {
        ends[free] = span.to
        result[number] = free
      } else {
        result[number] = ends.count
        ends.append(span.to)
      }
    }
    return result
  }
}
