/// How many values fall into each of some ranges of equal width.
public struct Histogram: Sendable, Hashable {
  /// Where the ranges begin, and the end of the last.
  public let edges: [Double]
  /// How many values are in each; a value at an edge belongs to the range above it, the largest to
  /// the last.
  public let counts: [Int]

  /// Counts values. Those that are not finite, or above 1e300, are left out.
  ///
  /// - Parameter rangeCount: how many ranges; nil means about the root of the number of values, from
  ///   5 to 40.
  public init(_ values: [Double], rangeCount: Int? = nil) {
    let finite = values.filter(AxisScale.holds)
    let wanted = rangeCount ?? min(40, max(5, Int(Double(finite.count).squareRoot().rounded())))
    precondition(wanted > 0, "a histogram has ranges")
    let scale = AxisScale(holding: finite, tickCount: wanted)
    let lower = scale.lower
    let step = scale.step
    let total = max(1, Int(((scale.upper - lower) / step).rounded()))
    edges = (0...total).map { lower + Double($0) * step }
    counts = finite.reduce(into: [Int](repeating: 0, count: total)) { counts, value in
      counts[min(total - 1, max(0, Int((value - lower) / step)))] += 1
    }
  }

  /// The outline of the bars.
  public func series(name: String) -> LineChart.Series {
    var points = [LineChart.Point(x: edges[0], y: 0)]
    for (index, count) in counts.enumerated() {
      points.append(LineChart.Point(x: edges[index], y: Double(count)))
      points.append(LineChart.Point(x: edges[index + 1], y: Double(count)))
    }
    points.append(LineChart.Point(x: edges[counts.count], y: 0))
    return LineChart.Series(name: name, points: points, style: .line)
  }
}
