import Testing

@testable import Serving

@Suite("Text in pages and addresses")
struct MarkupTests {
  @Test(
    "text stays text",
    arguments: [
      ("plain", "plain"), ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
      ("\" onclick='x'", "&quot; onclick=&#39;x&#39;"),
      ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
      ("&amp;", "&amp;amp;"), ("a\u{0}b\nc\u{7F}", "a\\u{0}b\\u{a}c\\u{7f}"),
      ("\u{85}", "\\u{85}"), ("é 漢 🦊", "é 漢 🦊"), ("£ ©", "£ ©"),
    ])
  func escaping(_ text: String, _ expected: String) {
    #expect(text.escapedForHTML == expected)
    let html: HTML = "<a title=\"\(text)\">\(text)</a>"
    #expect(html.text == "<a title=\"\(expected)\">\(expected)</a>")
  }

  @Test func markupInMarkupStays() {
    let inner: HTML = "<b>\("<i>")</b>"
    let outer: HTML = "<p>\(inner)\([inner, inner])\(7)</p>"
    #expect(outer.text == "<p><b>&lt;i&gt;</b><b>&lt;i&gt;</b><b>&lt;i&gt;</b>7</p>")
  }

  @Test(
    "what an address carries comes back",
    arguments: [
      "", "a b", "a+b", "100 %", "x=1&y=2", "é/漢?#", "<script>",
      "test_accuracy > 0.9 and name = 'ä'",
    ])
  func addresses(_ value: String) {
    let address = Query([("where", value), ("sort", "-a")]).address("/")
    #expect(!address.contains(" ") && address.allSatisfy(\.isASCII))
    let request = Request(address)
    #expect(request.path == "/")
    #expect((request.query["where"] ?? "") == value)
    #expect(request.query["sort"] == "-a")
  }

  @Test(
    "what others write into an address is taken as it can be",
    arguments: [
      ("/?a=1+2", "1 2"), ("/?a=%zz", "%zz"), ("/?a=%4", "%4"), ("/?a=%41", "A"), ("/?a==", "="),
      ("/?&&a=x&a=y", "x"), ("/?a=%FF", "\u{FFFD}"),
    ])
  func foreignAddresses(_ target: String, _ expected: String) {
    #expect(Request(target).query["a"] == expected)
  }

  @Test func cookies() {
    let request = Request("/", cookie: "theme=dark; a=b=c;empty=; x")
    #expect(request.cookies == ["theme": "dark", "a": "b=c"])
  }
}
