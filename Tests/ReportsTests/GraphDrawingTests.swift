import Foundation
import Testing

@testable import Reports

@Suite struct GraphDrawingTests {
  /// A residual block: the input goes around two layers.
  private let block = GraphDrawing(
    title: "<block>", subtitle: "s",
    nodes: [
      .init(name: "in", detail: "input", inputs: []), .init(name: "a", detail: "conv", inputs: [0]),
      .init(name: "b", detail: "conv", inputs: [1]),
      .init(name: "sum & out", detail: "add", inputs: [2, 0]),
    ])

  @Test func everyLayerIsBelowWhatItReads() {
    #expect(block.places.map(\.row) == [0, 1, 2, 3])
    let svg = block.svg()
    #expect(svg.components(separatedBy: "<path").count - 1 == 4)
    #expect(svg.contains("sum &amp; out") && svg.contains("&lt;block&gt;"))
    #expect(block.csv().hasSuffix("sum & out,add,b; in\n"))
  }

  @Test func branchesStandSideBySide() {
    let fork = GraphDrawing(
      title: "", subtitle: "",
      nodes: [
        .init(name: "in", detail: "", inputs: []), .init(name: "a", detail: "", inputs: [0]),
        .init(name: "b", detail: "", inputs: [0]), .init(name: "c", detail: "", inputs: [1, 2]),
      ])
    #expect(fork.places.map(\.row) == [0, 1, 1, 2])
    #expect(fork.places.map(\.column) == [0, 0, 1, 0])
  }

  @Test func connectionsThatPassEachOtherHaveLanesOfTheirOwn() {
    #expect(GraphDrawing.lanes([(0, 4), nil, (1, 3), (5, 7), (4, 6)]) == [0, nil, 1, 0, 1])
  }

  /// Damaged graphs: what reads itself, or what comes later, is drawn without that.
  @Test func ringsAndStrangers() {
    let ring = GraphDrawing(
      title: "", subtitle: "",
      nodes: [
        .init(name: "a", detail: "", inputs: [1, 0, -1, 9]),
        .init(name: "b", detail: "", inputs: [0]),
      ])
    #expect(ring.places.map(\.row) == [0, 1])
    #expect(ring.svg().components(separatedBy: "<path").count - 1 == 1)
  }
}
