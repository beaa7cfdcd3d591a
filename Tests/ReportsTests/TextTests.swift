import Reports
import Testing

@Suite("Tables and numbers")
struct TextTests {
  @Test("columns line up, and lines do not end in spaces")
  func table() {
    var table = TextTable([.text("layer"), .number("units"), .text("note")])
    table.add("fc1", "512", "")
    table.add("output", "10", "fixed")
    #expect(table.text == "layer   units  note\nfc1       512\noutput     10  fixed")
  }

  /// The rows that a table shows in a terminal of some width.
  private func lines(_ width: Int?, _ columns: [TextTable.Column], _ rows: [[String]]) -> [String] {
    TextLayout.$current.withValue(TextLayout(width: width, advice: "widen it")) {
      var table = TextTable(columns)
      for row in rows { table.add(row) }
      return table.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test("where there is no room the most expendable columns go, the last first, and that is said")
  func narrow() {
    let columns: [TextTable.Column] = [
      .text("name"), .number("alpha"), .number("rank", expendability: 2), .number("norm"),
      .text("why"),
    ]
    let rows = [["fc1", "2.5", "64", "1.25", "it is"]]
    let wide = ["name  alpha  rank  norm  why", "fc1     2.5    64  1.25  it is"]
    // 4 + 5 + 4 + 4 + 5 characters, and two between any two columns.
    for width in [nil, 30, 100] { #expect(lines(width, columns, rows) == wide) }
    #expect(
      lines(29, columns, rows) == [
        "name  alpha  norm  why", "fc1     2.5  1.25  it is", "(no room for: rank; widen it)",
      ])
    #expect(
      lines(23, columns, rows) == [
        "name  alpha  why", "fc1     2.5  it is", "(no room for: rank, norm; widen it)",
      ])
    #expect(
      lines(11, columns, rows) == [
        "name  why", "fc1   it is", "(no room for: alpha, rank, norm; widen it)",
      ])
    // Not even that: then nothing is left out.
    #expect(lines(10, columns, rows) == wide)
    // The first column stays whatever it is, and so do columns of words.
    #expect(lines(3, [.number("a"), .text("b")], [["1", "2"]]) == ["a  b", "1  2"])
    #expect(
      lines(2, [.number("a"), .number("b")], [["1", "2"]]) == [
        "a", "1", "(no room for: b; widen it)",
      ])
  }

  @Test("headings are bold where the layout says so, and nothing else is")
  func emphasis() {
    TextLayout.$current.withValue(TextLayout(isEmphasized: true)) {
      var table = TextTable([.text("layer"), .number("units")])
      table.add("fc1", "512")
      #expect(table.text == "\u{1B}[1mlayer  units\u{1B}[0m\nfc1      512")
    }
  }

  @Test(
    "numbers",
    arguments: [
      (NumberFormat.fixed(-0.0004, decimals: 2), "0.00"),
      (NumberFormat.fixed(1.005, decimals: 1), "1.0"),
      (NumberFormat.fixed(.nan, decimals: 1), "nan"),
      (NumberFormat.significant(2083.501, digits: 6), "2083.5"),
      (NumberFormat.percent(0.975), "97.5 %"),
      (NumberFormat.grouped(1_234_567), "1 234 567"),
      (NumberFormat.grouped(-12), "-12"),
      (NumberFormat.bytes(1023), "1023 B"),
      (NumberFormat.bytes(3 << 20), "3.0 MiB"),
      (NumberFormat.seconds(0.416), "0.42 s"),
      (NumberFormat.seconds(200), "3 min 20 s"),
      (NumberFormat.shape([3, 3, 1]), "[3, 3, 1]"),
    ])
  func numbers(text: String, expected: String) {
    #expect(text == expected)
  }
}
