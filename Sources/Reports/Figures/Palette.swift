/// Colours that people with any colour vision tell apart: M. Okabe and K. Ito, "Color Universal
/// Design", 2008, in an order that keeps neighbours far from each other.
enum Palette {
  private static let colors = [
    "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000",
  ]

  /// The colour of the line with that index; after seven lines they repeat.
  static func color(_ index: Int) -> String { colors[index % colors.count] }

  /// How the line with that index is broken, as an attribute: where lines lie on each other, the lower one
  /// shows in the gaps. The first is whole.
  static func dash(_ index: Int) -> String {
    let dashes = ["", "9 4", "2 3", "9 3 2 3", "5 3", "14 3", "3 6"]
    let dash = dashes[index % dashes.count]
    return dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
  }
}
