import Foundation
import Reports
import Testing

@Suite struct ScatterChartTests {
  private func chart(_ x: [Double], isLogarithmic: Bool = false) -> ScatterChart {
    ScatterChart(
      title: "<t>", subtitle: "s & s", x: .init("width", isLogarithmic: isLogarithmic),
      y: .init("loss"),
      groups: [
        .init(
          name: "one",
          dots: x.map { .init(name: "\"m\($0)\"", x: $0, y: 2 * $0, link: "/m?a=1&b=\($0)") }),
        .init(name: "two", dots: [.init(name: "<b>", x: 5, y: 5)]),
      ])
  }

  @Test func everyDotIsThereWithItsNameAndLink() {
    let svg = chart([1, 2, 3]).svg()
    #expect(svg.components(separatedBy: "<a href").count - 1 == 3)
    #expect(svg.contains("href=\"/m?a=1&amp;b=2.0\""))
    #expect(svg.contains("<title>&quot;m2.0&quot;: width 2, loss 4</title>"))
    #expect(svg.contains("&lt;b&gt;") && !svg.contains("<b>") && svg.contains("&lt;t&gt;"))
    #expect(svg == chart([1, 2, 3]).svg())
  }

  @Test func whatHasNoPlaceIsLeftOutOfThePicture() {
    #expect(
      chart([0, -1, .nan, .infinity, 10], isLogarithmic: true).svg().components(
        separatedBy: "<a href"
      ).count - 1 == 1)
    #expect(!chart([.nan, .infinity]).svg().contains("nan"))
    // Whole powers of ten where there are several.
    let svg = chart([1, 10, 1000], isLogarithmic: true).svg()
    for tick in [">1<", ">10<", ">100<", ">1e+03<"] { #expect(svg.contains(tick), "\(tick)") }
  }

  @Test func tablesAndSpecifications() throws {
    let chart = chart([1, 2])
    #expect(
      chart.csv() == """
        name,group,x,y
        \"\"\"m1.0\"\"\",one,1.0,2.0
        \"\"\"m2.0\"\"\",one,2.0,4.0
        <b>,two,5.0,5.0

        """)
    let json = try JSONSerialization.jsonObject(with: Data(try chart.vegaLite().utf8))
    let root = try #require(json as? [String: Any])
    #expect(root["$schema"] as? String == "https://vega.github.io/schema/vega-lite/v5.json")
    let data = try #require(root["data"] as? [String: Any])
    #expect((data["values"] as? [[String: Any]])?.count == 3)
  }
}
