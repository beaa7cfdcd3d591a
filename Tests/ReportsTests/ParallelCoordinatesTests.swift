import Foundation
import Reports
import Testing

@Suite struct ParallelCoordinatesTests {
  private func figure(_ lines: [[ParallelCoordinates.Value]]) -> ParallelCoordinates {
    ParallelCoordinates(
      title: "t", subtitle: "s", axes: ["seed", "kind <b>", "loss"], groups: ["a", "b"],
      lines: lines.enumerated().map {
        .init(name: "m\($0.offset)", group: $0.offset % 2, values: $0.element)
      })
  }

  @Test func whatIsMissingInterruptsALine() {
    let svg = figure([
      [.number(0), .text("x"), .number(1)], [.number(1), .missing, .number(2)],
      [.missing, .text("y"), .number(3)],
    ]).svg()
    // The second is two single points, the third a line of two.
    #expect(svg.components(separatedBy: "<polyline").count - 1 == 2)
    #expect(svg.components(separatedBy: "<circle").count - 1 == 2)
    #expect(svg.contains("kind &lt;b&gt;") && !svg.contains("<b>"))
  }

  @Test func ticksOfWholeNumbersAreWhole() {
    let svg = figure((0...1).map { [.number(Double($0)), .text("x"), .number(0.5)] }).svg()
    #expect(svg.contains(">0</text>") && svg.contains(">1</text>") && !svg.contains(">0.2</text>"))
  }

  @Test func numbersAmongTextsAreTexts() {
    let svg = figure([
      [.number(1), .text("sgd"), .number(1)], [.number(2), .number(7), .number(2)],
    ]).svg()
    #expect(svg.contains(">sgd</text>") && svg.contains(">7</text>"))
    #expect(svg.components(separatedBy: "<polyline").count - 1 == 2)
  }

  @Test func tablesAndSpecifications() throws {
    let figure = figure([[.number(1), .text("a,b"), .missing]])
    #expect(figure.csv() == "name,group,seed,kind <b>,loss\nm0,a,1.0,\"a,b\",\n")
    let json = try JSONSerialization.jsonObject(with: Data(try figure.vegaLite().utf8))
    let data = try #require((json as? [String: Any])?["data"] as? [String: Any])
    // Nothing stands for what is missing.
    #expect((data["values"] as? [[String: Any]])?.count == 2)
  }
}
