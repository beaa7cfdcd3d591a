import Foundation
import Reports
import Testing

@Suite struct TreeDrawingTests {
  private func svg(_ nodes: [TreeDrawing.Node]) -> String {
    TreeDrawing(title: "Trees <of> models", subtitle: "some", nodes: nodes).svg()
  }

  @Test func everyNodeAndEdgeIsDrawn() {
    let text = svg([
      .init(name: "root & co", parent: nil, kind: ""),
      .init(name: "child", parent: 0, kind: "finetune"),
      .init(name: "grandchild", parent: 1, kind: "duplicate"),
      .init(name: "alone", parent: nil, kind: ""),
    ])
    #expect(text.components(separatedBy: "<circle").count - 1 == 4)
    #expect(text.components(separatedBy: "<path").count - 1 == 2)
    #expect(text.contains(">root &amp; co</text>") && text.contains("Trees &lt;of&gt; models"))
    #expect(text.contains(">duplicate</text>") && text.contains(">finetune</text>"))
    #expect(text.hasPrefix("<svg") && text.hasSuffix("</svg>\n"))
  }

  /// Recursion would run out of stack; parents in a ring belong to no root and are not drawn.
  @Test func longChainsAndRings() {
    let chain = (0..<20_000).map {
      TreeDrawing.Node(name: "n", parent: $0 == 0 ? nil : $0 - 1, kind: "finetune")
    }
    #expect(svg(chain).components(separatedBy: "<circle").count - 1 == 20_000)
    let ring = svg([
      .init(name: "a", parent: 1, kind: "x"), .init(name: "b", parent: 0, kind: "x"),
      .init(name: "c", parent: nil, kind: ""),
    ])
    #expect(ring.components(separatedBy: "<circle").count - 1 == 1)
  }
}
