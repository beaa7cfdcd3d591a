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
