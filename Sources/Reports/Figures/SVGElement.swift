/// Pieces of SVG that several figures are made of.
enum SVGElement {
  /// The beginning of a document, with its title for those who do not see it.
  static func head(width: Int, height: Int, title: String) -> [String] {
    [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
      height="\(height)" role="img" font-family="system-ui, 'DejaVu Sans', sans-serif" \
      font-size="13">
      """, "<title>\(title.escapedForXML)</title>",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
    ]
  }

  /// The heading and the line under it.
  static func heading(_ title: String, _ subtitle: String, x: Int) -> [String] {
    [
      text(title, x: Double(x), y: 30, size: 17, weight: "600"),
      text(subtitle, x: Double(x), y: 50, color: "#555555"),
    ]
  }

  /// How wide both are, about, with a margin at each side.
  static func headingWidth(_ title: String, _ subtitle: String) -> Double {
    let letters = max(title.count * 10, subtitle.count * 8)
    return Double(48 + letters)
  }

  /// A line of text.
  static func text(
    _ content: String, x: Double, y: Double, size: Int? = nil, weight: String? = nil,
    anchor: String? = nil, color: String = "#1a1a1a", extra: String = ""
  ) -> String {
    var attributes = "x=\"\(number(x))\" y=\"\(number(y))\" fill=\"\(color)\""
    if let size { attributes += " font-size=\"\(size)\"" }
    if let weight { attributes += " font-weight=\"\(weight)\"" }
    if let anchor { attributes += " text-anchor=\"\(anchor)\"" }
    return "<text \(attributes)\(extra)>\(content.escapedForXML)</text>"
  }

  /// A straight line.
  static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, color: String, width: Double = 1
  ) -> String {
    """
    <line x1="\(number(x1))" y1="\(number(y1))" x2="\(number(x2))" y2="\(number(y2))" \
    stroke="\(color)" stroke-width="\(number(width))"/>
    """
  }

  /// What a click on a piece leads to; the piece alone where that is nothing.
  static func link(to address: String?, _ piece: String) -> String {
    guard let address else { return piece }
    return "<a href=\"\(address.escapedForXML)\">\(piece)</a>"
  }

  /// A coordinate.
  static func number(_ value: Double) -> String { NumberFormat.fixed(value, decimals: 1) }
}
