/// A figure that can be looked at, kept as numbers, and restyled.
public protocol Figure {
  /// The figure as an SVG document. The same figure gives the same text.
  func svg() -> String
  /// Its numbers as comma-separated values.
  func csv() -> String
  /// The figure as a Vega-Lite 5 specification with its data inside.
  func vegaLite() throws -> String
}

extension LineChart: Figure {}
extension ScatterChart: Figure {}
extension ParallelCoordinates: Figure {}
