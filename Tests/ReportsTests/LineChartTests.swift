import Foundation
import FoundationXML
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
    let texts = try XMLTexts(svg)
    #expect(texts.all.contains("a < b & \"c\"") && texts.all.contains("na<i>ve"))
    #expect(throws: XMLTexts.Malformed.self) {
      try XMLTexts(svg.replacing("</svg>", with: "</g>"))
    }
    #expect(svg.contains("a &lt; b &amp; &quot;c&quot;"))
    #expect(!svg.contains("na<i>ve") && !svg.contains("inf"))
    // A point that is not finite parts the line in two.
    #expect(svg.components(separatedBy: "<polyline").count == 3)
  }

  @Test("nothing hangs over the edge: long titles lose their middle, subtitles widen the figure")
  func longTitles() {
    let name = "model_weights/" + String(repeating: "block/", count: 20) + "kernel  2.7 %"
    let panel = LineChart.Panel(
      title: name, xLabel: "x", series: [.init(name: "s", points: [.init(x: 1, y: 2)])])
    let chart = LineChart(
      title: "t", subtitle: String(repeating: "word ", count: 40), panels: [panel])
    let svg = chart.svg()
    #expect(svg.contains("model_weight") && svg.contains("…") && svg.contains("kernel  2.7 %<"))
    #expect(!svg.contains(name))
    // The table of numbers keeps the whole name.
    #expect(chart.csv().contains(name))
    let width = svg.split(separator: "\"").first { $0.hasPrefix("0 0 ") }?.split(separator: " ")[2]
    #expect(Int(width ?? "") ?? 0 > 200 * 6)
  }

  @Test("an axis of whole numbers has no ticks between them")
  func wholeNumbers() {
    func svg(_ xs: [Double]) -> String {
      let points = xs.map { LineChart.Point(x: $0, y: $0) }
      return LineChart(
        title: "t", subtitle: "s",
        panels: [.init(title: "p", xLabel: "layer", series: [.init(name: "s", points: points)])]
      ).svg().split(separator: "\n").filter { $0.contains("middle") }.joined()
    }
    #expect(svg([1, 2, 3]).contains(">2<") && !svg([1, 2, 3]).contains("1.5"))
    #expect(svg([1, 1.5, 3]).contains("1.5"))
  }
}

/// The texts of an XML document, read by libxml2.
private final class XMLTexts: NSObject, XMLParserDelegate {
  struct Malformed: Error {}
  private(set) var all: Set<String> = []
  private var text = ""

  init(_ document: String) throws {
    super.init()
    let parser = XMLParser(data: Data(document.utf8))
    parser.delegate = self
    guard parser.parse() else { throw Malformed() }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didStartElement: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    text = ""
  }

  func parser(
    _ parser: XMLParser, didEndElement: String, namespaceURI: String?, qualifiedName: String?
  ) {
    all.insert(text.trimmingCharacters(in: .whitespacesAndNewlines))
    text = ""
  }
}
