/// Colours that people with any colour vision tell apart: M. Okabe and K. Ito, "Color Universal
/// Design", 2008, in an order that keeps neighbours far from each other.
enum Palette {
  private static let colors = [
    "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000",
  ]

  /// The colour of the line with that index; after seven lines they repeat.
  static func color(_ index: Int) -> String { colors[index % colors.count] }
}
