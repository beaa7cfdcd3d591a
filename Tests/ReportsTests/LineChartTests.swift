import Foundation
import Testing

@testable import Reports

@Suite("Line charts")
struct LineChartTests {
  @Test(
    "scales have round ticks that hold every value",
    arguments: [
      [0.0, 1.0], [0.013, 1.29], [-3, 7], [1e-9, 5e-9], [5, 5], [0, 0], [1e6, 3.2e6], [.nan, 2],
    ])
  func scale(values: [Double]) {
    let scale = AxisScale(holding: values)
    let finite = values.filter(\.isFinite)
    let slack = scale.step * 1e-6
    #expect(finite.allSatisfy { $0 >= scale.lower - slack && $0 <= scale.upper + slack })
    #expect((3...12).contains(scale.ticks.count))
    let mantissa = scale.step / pow(10, floor(log10(scale.step) + 1e-9))
    #expect([1, 2, 5].contains { abs($0 - mantissa) < 1e-6 })
  }

  @Test("the document is well-formed whatever the names hold, and repeats exactly")
  func document() throws {
    let chart = LineChart(
      title: "a < b & \"c\"", subtitle: "test",
      panels: [
        .init(
          title: "loss", xLabel: "t",
          series: [
            .init(
              name: "na<i>ve",
              points: [.init(x: 0, y: 1), .init(x: 0.5, y: .infinity), .init(x: 1, y: 2)])
          ])
      ])
    let svg = chart.svg()
    #expect(svg == chart.svg())
    #expect(svg.contains("a &lt; b &amp; &quot;c&quot;"))
    #expect(!svg.contains("na<i>ve") && !svg.contains("inf"))
    // A point that is not finite parts the line in two.
    #expect(svg.components(separatedBy: "<polyline").count == 3)
  }
}
