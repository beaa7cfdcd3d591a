import Foundation
import Reports
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Heat maps and bars: what is drawn, and the same numbers beside it.
@Suite("Heat maps and bars") struct MatrixFigureTests {
  private let map = HeatMap(
    title: "T & U", subtitle: "s", rows: "row", columns: "column", values: "v",
    scale: .diverging(2),
    panels: [
      HeatMap.Panel(
        title: "p", rows: ["a", "b,c"], columns: ["1", "2"], values: [[-2, 0], [2, .nan]])
    ])

  private let bars = BarChart(
    title: "B", subtitle: "s", rows: ["x", "y"], values: "v",
    series: [.init(name: "one", values: [1, .nan]), .init(name: "two", values: [0.5, 2])])

  private func isXML(_ text: String) -> Bool { XMLParser(data: Data(text.utf8)).parse() }

  @Test("a cell a number, at its end of the colours; what is not finite stays empty")
  func cells() {
    let svg = map.svg()
    #expect(isXML(svg))
    #expect(svg.contains("T &amp; U"))
    // The three cells with numbers say them, and have the colours of both ends and of the middle.
    for words in ["a, 1: -2", "a, 2: 0", "b,c, 1: 2"] { #expect(svg.contains("<title>\(words)<")) }
    for color in ["#0072b2", "#ffffff", "#d55e00"] {
      #expect(svg.contains("fill=\"\(color)\"><title>"))
    }
    #expect(!svg.contains("b,c, 2"))
    #expect(
      map.csv() == "panel,row,column,value\np,a,1,-2.0\np,a,2,0.0\np,\"b,c\",1,2.0\np,\"b,c\",2,\n")
  }

  @Test("bars begin at 0 and are as long as their numbers")
  func lengths() throws {
    let svg = bars.svg()
    #expect(isXML(svg))
    let widths = svg.matches(of: /width="([0-9.]+)" height="8.0"/).compactMap { Double($0.1) }
    #expect(widths.count == 3)
    // 1, 0.5 and 2 on one scale; a tenth of a unit of the drawing is rounded away.
    #expect(abs(widths[0] - 2 * widths[1]) < 0.3 && abs(widths[2] - 4 * widths[1]) < 0.5)
    #expect(bars.csv() == "name,series,value\nx,one,1.0\nx,two,0.5\ny,one,\ny,two,2.0\n")
  }

  @Test("Vega-Lite has the order of the data and the same numbers")
  func vegaLite() throws {
    for text in [try map.vegaLite(), try bars.vegaLite()] {
      let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      #expect((document?["$schema"] as? String)?.contains("vega-lite/v5") == true)
      #expect(text.contains("\"sort\" : null"))
    }
    #expect(try map.vegaLite().contains("\"value\" : -2"))
  }

  @Test("many cells become fewer, each the mean of those that it stands for")
  func reduced() {
    let values = (0..<4).map { row in (0..<4).map { Double(row * 4 + $0) } }
    #expect(HeatMap.reduced(values, to: 2) == [[2.5, 4.5], [10.5, 12.5]])
    #expect(HeatMap.reduced(values, to: 4) == values)
    // Neither rows nor columns are a multiple: every cell counts once.
    let odd = (0..<5).map { _ in [Double](repeating: 1, count: 7) }
    #expect(HeatMap.reduced(odd, to: 3) == [[1, 1, 1], [1, 1, 1], [1, 1, 1]])
  }

  @Test("names of rows and columns do not overlap", arguments: [3, 40, 200])
  func names(_ count: Int) throws {
    let names = (0..<count).map { "layer \($0)" }
    let panel = HeatMap.Panel(
      title: "", rows: names, columns: (0..<count).map { "\($0)" },
      values: names.map { _ in [Double](repeating: 0.5, count: count) })
    let svg = HeatMap(
      title: "t", subtitle: "s", rows: "r", columns: "c", values: "v", scale: .sequential(0...1),
      panels: [panel]
    ).svg()
    let places = svg.matches(of: /y="([0-9.]+)" fill="#555555" text-anchor="end">layer/)
      .compactMap { Double($0.1) }.sorted()
    #expect(places.count >= 3)
    #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 13 })
  }
}
