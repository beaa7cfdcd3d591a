import Foundation
import Support

/// Trees as a picture: roots at the left, who descends from whom to the right, one line a node.
public struct TreeDrawing: Sendable {
  /// Something in a tree.
  public struct Node: Sendable {
    /// What it is called.
    public var name: String
    /// The place of its parent; nil for a root.
    public var parent: Int?
    /// What kind of descendant it is; decides the colour.
    public var kind: String
    /// The address that its name leads to; nil for none.
    public var link: String?

    /// Makes a node.
    public init(name: String, parent: Int?, kind: String, link: String? = nil) {
      self.name = name
      self.parent = parent
      self.kind = kind
      self.link = link
    }
  }

  /// The heading.
  public var title: String
  /// What stands below it.
  public var subtitle: String
  /// The nodes.
  public var nodes: [Node]

  /// Makes a picture of nodes. A parent that leads back to its own child is not followed.
  public init(title: String, subtitle: String, nodes: [Node]) {
    self.title = title
    self.subtitle = subtitle
    self.nodes = nodes
  }

  /// Where a node stands: its line, and how many steps from its root.
  private struct Place {
    var line: Int
    var depth: Int
  }

  /// The lines in the order of the picture: each root, then its children and theirs.
  ///
  /// - Complexity: O(nodes); no recursion, as a chain may be long.
  private var places: [Int: Place] {
    var children: [Int: [Int]] = [:]
    var pending: [(node: Int, depth: Int)] = []
    for (at, node) in nodes.enumerated() {
      if let parent = node.parent, nodes.indices.contains(parent) {
        children[parent, default: []].append(at)
      } else {
        pending.append((at, 0))
      }
    }
    pending.reverse()
    var found: [Int: Place] = [:]
    var line = 0
    while let (node, depth) = pending.popLast() {
      guard found[node] == nil else { continue }
      if depth == 0, line > 0 { line += 1 }
      found[node] = Place(line: line, depth: depth)
      line += 1
      pending += (children[node] ?? []).reversed().map { ($0, depth + 1) }
    }
    return found
  }

  private static let (step, pitch, margin, top) = (26, 17, 20, 86)

  /// The picture as an SVG document. The same trees give the same text.
  public func svg() -> String {
    let places = places
    let kinds = Set(nodes.filter { $0.parent != nil }.map(\.kind)).sorted()
    let longest =
      places.map { Self.step * $0.value.depth + 8 * nodes[$0.key].name.count }.max() ?? 0
    let width =
      2 * Self.margin
      + max(longest + 20, 10 * title.count, 7 * subtitle.count, 20 + kinds.count * 130)
    let height = Self.top + Self.pitch * ((places.values.map(\.line).max() ?? 0) + 1) + Self.margin
    var lines = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
      height="\(height)" role="img" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="12">
      """,
      "<title>\(title.escapedForXML)</title>",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<text x=\"\(Self.margin)\" y=\"28\" font-size=\"17\" font-weight=\"600\" fill=\"#111111\">"
        + "\(title.escapedForXML)</text>",
      "<text x=\"\(Self.margin)\" y=\"47\" fill=\"#555555\">\(subtitle.escapedForXML)</text>",
    ]
    for (at, kind) in kinds.enumerated() {
      let x = Self.margin + 130 * at
      lines.append(
        "<line x1=\"\(x)\" y1=\"62\" x2=\"\(x + 18)\" y2=\"62\" stroke=\"\(Palette.color(at))\" "
          + "stroke-width=\"2\"/><text x=\"\(x + 24)\" y=\"66\" fill=\"#333333\">"
          + "\(kind.escapedForXML)</text>")
    }
    for (at, node) in nodes.enumerated() {
      guard let place = places[at] else { continue }
      let (x, y) = point(place)
      if let parent = node.parent.flatMap({ places[$0] }) {
        let (fromX, fromY) = point(parent)
        let color = Palette.color(kinds.firstIndex(of: node.kind) ?? 0)
        lines.append(
          "<path d=\"M \(fromX) \(fromY + 4) V \(y) H \(x - 4)\" fill=\"none\" stroke=\"\(color)\" "
            + "stroke-width=\"1.5\"/>")
      }
      let isRoot = place.depth == 0
      lines.append(
        "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"\(isRoot ? 4 : 3)\" fill=\"#333333\"/>"
          + SVGElement.link(
            to: node.link,
            "<text x=\"\(x + 8)\" y=\"\(y + 4)\" fill=\"#111111\""
              + "\(isRoot ? " font-weight=\"600\"" : "")>\(node.name.escapedForXML)</text>"))
    }
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  private func point(_ place: Place) -> (x: Int, y: Int) {
    (Self.margin + 6 + Self.step * place.depth, Self.top + Self.pitch * place.line)
  }
}
