/// A figure of matrices whose cells are coloured by their numbers, on one scale for all of them.
public struct HeatMap: Sendable, Figure {
  /// Which colours numbers have.
  public enum Scale: Sendable, Hashable {
    /// From light at the first number to dark at the second.
    case sequential(ClosedRange<Double>)
    /// Blue below zero, white at it, orange above; equally strong at that distance from it.
    case diverging(Double)
  }

  /// One matrix.
  public struct Panel: Sendable {
    /// What stands above.
    public var title: String
    /// The names of the rows, from the top.
    public var rows: [String]
    /// The names of the columns, from the left.
    public var columns: [String]
    /// The numbers, row by row; what is not finite stays empty.
    public var values: [[Double]]

    /// Makes a panel.
    public init(title: String, rows: [String], columns: [String], values: [[Double]]) {
      precondition(values.count == rows.count, "every row has a name")
      precondition(values.allSatisfy { $0.count == columns.count }, "every column has a name")
      self.title = title
      self.rows = rows
      self.columns = columns
      self.values = values
    }
  }

  /// What stands above all panels.
  public var title: String
  /// A line under the title.
  public var subtitle: String
  /// What the rows are.
  public var rowTitle: String
  /// What the columns are.
  public var columnTitle: String
  /// What the numbers are.
  public var valueTitle: String
  /// Their colours.
  public var scale: Scale
  /// The panels, side by side.
  public var panels: [Panel]

  /// Makes a figure.
  public init(
    title: String, subtitle: String, rows: String, columns: String, values: String, scale: Scale,
    panels: [Panel]
  ) {
    (self.title, self.subtitle) = (title, subtitle)
    (rowTitle, columnTitle, valueTitle) = (rows, columns, values)
    self.scale = scale
    self.panels = panels
  }

  /// The numbers at the two ends of the scale.
  var ends: (low: Double, high: Double) {
    switch scale {
    case .sequential(let range): (range.lowerBound, range.upperBound)
    case .diverging(let limit): (-limit, limit)
    }
  }

  /// The colour of a number; that of the nearest end beyond it.
  func color(of value: Double) -> String {
    let (low, high) = ends
    let place = high > low ? min(1, max(0, (value - low) / (high - low))) : 0
    switch scale {
    case .sequential: return ColorRamp.dark.color(at: place)
    case .diverging: return ColorRamp.twoSided.color(at: place)
    }
  }

  /// A matrix of fewer cells, each the mean of those that it stands for.
  ///
  /// - Complexity: O(cells).
  public static func reduced(_ values: [[Double]], to count: Int) -> [[Double]] {
    let (rows, columns) = (values.count, values.first?.count ?? 0)
    let (tall, wide) = (min(rows, count), min(columns, count))
    guard tall < rows || wide < columns else { return values }
    return (0..<tall).map { row in
      let range = (row * rows / tall)..<((row + 1) * rows / tall)
      return (0..<wide).map { column in
        let across = (column * columns / wide)..<((column + 1) * columns / wide)
        let sum = range.reduce(0.0) { sum, row in across.reduce(sum) { $0 + values[row][$1] } }
        return sum / Double(range.count * across.count)
      }
    }
  }
}

/// Colours from one end of a scale to the other.
struct ColorRamp {
  private let stops: [(Double, Double, Double)]

  /// From nearly white to dark blue: darker is more, also without colours.
  static let dark = ColorRamp(stops: [
    (247, 251, 255), (198, 219, 239), (107, 174, 214), (33, 113, 181), (8, 48, 107),
  ])
  /// The blue and the orange of the palette around white.
  static let twoSided = ColorRamp(stops: [(0, 114, 178), (255, 255, 255), (213, 94, 0)])

  /// The colour at a place from 0 to 1.
  func color(at place: Double) -> String {
    let scaled = place * Double(stops.count - 1)
    let first = min(stops.count - 2, Int(scaled))
    let share = scaled - Double(first)
    func mixed(_ one: Double, _ other: Double) -> String {
      let value = Int((one + (other - one) * share).rounded())
      return (value < 16 ? "0" : "") + String(value, radix: 16)
    }
    let (a, b) = (stops[first], stops[first + 1])
    return "#" + mixed(a.0, b.0) + mixed(a.1, b.1) + mixed(a.2, b.2)
  }
}
