import Testing

@testable import Reports

@Suite("Histograms")
struct HistogramTests {
  @Test("every finite value is counted once, in the range that holds it")
  func counts() {
    let values = [0, 0.1, 0.5, 0.99, 1, .nan, .infinity, 0.5]
    let histogram = Histogram(values, rangeCount: 10)
    #expect(histogram.counts.reduce(0, +) == 6)
    #expect(histogram.edges.count == histogram.counts.count + 1)
    for (place, count) in histogram.counts.enumerated() {
      let isLast = place == histogram.counts.count - 1
      let (low, high) = (histogram.edges[place], histogram.edges[place + 1])
      #expect(
        count
          == values.count { $0.isFinite && $0 >= low - 1e-12 && ($0 < high - 1e-12 || isLast) })
    }
  }

  @Test("no values, and values that are all the same, have an outline as well")
  func degenerate() {
    #expect(Histogram([]).counts.allSatisfy { $0 == 0 })
    let same = Histogram([3, 3, 3])
    #expect(same.counts.reduce(0, +) == 3 && same.edges[0] <= 3)
    let points = same.series(name: "x").points
    #expect(points.first?.y == 0 && points.last?.y == 0)
    #expect(points.map(\.y).max() == 3)
  }

  @Test(
    "values at the ends of what a number can be have an outline, and a figure",
    arguments: [
      [1e308, -1e308, 0], [Double.greatestFiniteMagnitude], [0, 5e-324], [5e-324],
      [1e-310, 2e-310], [1e299, -1e299, 1], [1e16, 1e16 + 2],
    ] as [[Double]])
  func extremes(values: [Double]) {
    let series = Histogram(values).series(name: "x")
    #expect(series.points.allSatisfy { $0.x.isFinite && $0.y.isFinite })
    let panel = LineChart.Panel(title: "", xLabel: "", series: [series])
    #expect(LineChart(title: "", subtitle: "", panels: [panel]).svg().contains("</svg>"))
    #expect(AxisScale(holding: values).ticks.count > 1)
  }

  @Test("a cell of comma-separated values is in quotes where it has to be")
  func cells() {
    #expect("plain text".escapedForCSV == "plain text")
    for text in ["a,b", "a\nb", "a\r\nb", "a\rb", "a\"b"] {
      #expect(text.escapedForCSV.hasPrefix("\"") && text.escapedForCSV.hasSuffix("\""), "\(text)")
    }
    #expect("a\"b".escapedForCSV == "\"a\"\"b\"")
  }

  @Test("dots are not joined, outlines have no dots")
  func styles() {
    func svg(_ style: LineChart.Style) -> String {
      let points = [LineChart.Point(x: 0, y: 0), LineChart.Point(x: 1, y: 2)]
      return LineChart(
        title: "", subtitle: "",
        panels: [
          LineChart.Panel(
            title: "", xLabel: "",
            series: [LineChart.Series(name: "s", points: points, style: style)])
        ]
      ).svg()
    }
    #expect(svg(.dots).contains("<circle") && !svg(.dots).contains("<polyline"))
    #expect(!svg(.line).contains("<circle") && svg(.line).contains("<polyline"))
    #expect(svg(.lineAndDots).contains("<circle") && svg(.lineAndDots).contains("<polyline"))
  }
}
