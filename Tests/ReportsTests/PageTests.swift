import Foundation
import Support
import Testing

@testable import Reports

@Suite("Pages")
struct PageTests {
  private static let page: ReportPage = {
    var page = ReportPage(title: "a < b")
    page.addHeading("Barriers")
    page.addParagraph("Of \"two\" networks.")
    page.add(
      ReportPage.Table(
        columns: ["path", "barrier"], rows: [["naive, |x|", "1.25"], ["b", "−0.1"]]))
    page.add(
      LineChart(
        title: "loss", subtitle: "",
        panels: [
          .init(
            title: "loss", xLabel: "t",
            series: [.init(name: "naive", points: [.init(x: 0, y: 1), .init(x: 1, y: .nan)])])
        ]), caption: "A figure.")
    return page
  }()

  @Test("HTML holds the figure, aligns numbers, and escapes names")
  func html() {
    let html = Self.page.html
    #expect(html.contains("<h1>a &lt; b</h1>") && html.contains("<svg"))
    #expect(html.contains("<td class=\"n\">−0.1</td>") && html.contains("<td>naive, |x|</td>"))
    #expect(!html.contains("<script"))
  }

  @Test("Markdown keeps cells apart")
  func markdown() {
    #expect(Self.page.markdown.contains("| naive, \\|x\\| | 1.25 |"))
    #expect(Self.page.markdown.contains("| --- | ---: |"))
  }

  @Test("a notebook is JSON of nbformat 4.5: run cells, counted, each with its output")
  func notebook() throws {
    let text = try Self.page.notebook()
    let notebook = try JSONValue(parsing: Array(text.utf8))
    #expect(notebook["nbformat"]?.integer == 4 && notebook["nbformat_minor"]?.integer == 5)
    let cells = try #require(notebook["cells"]?.array)
    #expect(Set(cells.compactMap { $0["id"]?.string }).count == cells.count)
    let code = cells.filter { $0["cell_type"]?.string == "code" }
    #expect(code.compactMap { $0["execution_count"]?.integer } == [1, 2, 3])
    #expect(code[1]["source"]?.string?.contains(#"\"naive, |x|\",1.25\n"#) == true)
    #expect(code[1]["outputs"]?[0]?["data"]?["text/html"]?.string?.contains("<table>") == true)
    #expect(code[2]["outputs"]?[0]?["data"]?["image/svg+xml"]?.string?.hasPrefix("<svg") == true)
    #expect(try Self.page.notebook() == text)
  }
}

extension PageTests {
  // Tried by hand beside these as titles of `report`, read back with markdown-it: three backticks, an image,
  // entities (&lt; &#35;), a name that is a link of its own (<https://…>), a heading's trailing sign, a
  // footnote, a comment, signs of lists and rules: each came out as the name.
  @Test(
    "Markdown quotes what it is given",
    arguments: [
      ("<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>"),
      ("a|b", "a\\|b"), ("a\\|b", "a\\\\\\|b"), ("`code`", "\\`code\\`"),
      ("[x](http://y)", "\\[x\\](http://y)"), ("*bold* _em_", "\\*bold\\* \\_em\\_"),
      ("layer_1_weight", "layer_1_weight"), ("-0.25", "-0.25"), ("a\u{1b}[31m", "a\\\\u{1b}\\[31m"),
      ("~~gone~~", "\\~\\~gone\\~\\~"), ("$x$", "\\$x\\$"), ("# one", "\\# one"),
    ])
  func quoted(_ text: String, _ wanted: String) {
    var page = ReportPage(title: text)
    page.add(ReportPage.Table(columns: ["name"], rows: [[text]]))
    #expect(page.markdown.hasPrefix("# \(wanted)\n"))
    #expect(page.markdown.contains("| \(wanted) |"), "\(page.markdown)")
  }

  @Test("a line feed in a cell does not end the row, and a paragraph is no list")
  func lines() {
    var page = ReportPage(title: "t")
    page.addParagraph("- no list")
    page.addParagraph("1. none")
    page.add(ReportPage.Table(columns: ["a", "b"], rows: [["one\ntwo", "x"]]))
    #expect(page.markdown.contains("\n\\- no list\n") && page.markdown.contains("\n1\\. none\n"))
    #expect(page.markdown.contains("| one<br>two | x |"))
  }
}
