/// A figure of one or more panels side by side, each with lines over a common kind of abscissa.
public struct LineChart: Sendable, Hashable {
  /// How the points of a line are drawn.
  public enum Style: Sendable, Hashable {
    /// Joined, each with a dot.
    case lineAndDots
    /// Joined.
    case line
    /// Each a dot, not joined.
    case dots
  }

  /// One line.
  public struct Series: Sendable, Hashable {
    /// The name in the legend.
    public var name: String
    /// The points, in the order in which they are joined. Points that are not finite interrupt
    /// the line.
    public var points: [Point]
    /// How they are drawn.
    public var style: Style

    /// Makes a line.
    public init(name: String, points: [Point], style: Style = .lineAndDots) {
      self.name = name
      self.points = points
      self.style = style
    }
  }

  /// One point.
  public struct Point: Sendable, Hashable {
    /// The abscissa.
    public var x: Double
    /// The ordinate.
    public var y: Double

    /// Makes a point.
    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }

    var isFinite: Bool { x.isFinite && y.isFinite }
  }

  /// One set of axes.
  public struct Panel: Sendable, Hashable {
    /// What stands above.
    public var title: String
    /// What the abscissa is.
    public var xLabel: String
    /// The lines. The same name has the same colour in every panel.
    public var series: [Series]
    /// Whether the abscissa is drawn by its logarithm to the base of 2. Points at 0 and below are
    /// left out.
    public var isLogarithmic: Bool

    /// Makes a panel.
    public init(title: String, xLabel: String, series: [Series], isLogarithmic: Bool = false) {
      self.title = title
      self.xLabel = xLabel
      self.series = series
      self.isLogarithmic = isLogarithmic
    }
  }

  /// What stands above all panels.
  public var title: String
  /// A line under the title: what was measured, on what.
  public var subtitle: String
  /// The panels, left to right.
  public var panels: [Panel]
  /// How many panels stand side by side before a new row begins; nil for one row.
  public var columns: Int?

  /// Makes a figure.
  public init(title: String, subtitle: String, panels: [Panel], columns: Int? = nil) {
    precondition((columns ?? 1) > 0, "a row has panels")
    self.columns = columns
    self.title = title
    self.subtitle = subtitle
    self.panels = panels
  }

  /// The names of all lines, in the order of first appearance.
  var seriesNames: [String] {
    var seen: Set<String> = []
    return panels.flatMap { $0.series.map(\.name) }.filter { seen.insert($0).inserted }
  }
}
