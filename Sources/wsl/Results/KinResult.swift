import Reports
import Support
import Workbench

/// What `wsl kin` says.
struct KinResult: Encodable {
  struct Test: Encodable {
    var name: String
    var statistic: FiniteNumber
    /// Null where no probability is known.
    @OrNull var pValue: FiniteNumber?
    var says: String
  }

  var a: String
  var b: String
  var tests: [Test]
  var verdict: Kinship.Verdict
  var reason: String

  init(a: String, b: String, _ kinship: Kinship) {
    self.a = a
    self.b = b
    tests = kinship.tests.map {
      Test(
        name: $0.name, statistic: FiniteNumber($0.statistic),
        pValue: $0.pValue.map(FiniteNumber.init),
        says: $0.says)
    }
    verdict = kinship.verdict
    reason = kinship.reason
  }

  /// The result for a person.
  var text: String {
    var table = TextTable([.text("test"), .number("statistic"), .number("p"), .text("it is")])
    for test in tests {
      table.add(
        test.name, NumberFormat.significant(test.statistic.value, digits: 4),
        test.pValue.map { NumberFormat.significant($0.value, digits: 3) } ?? "", test.says)
    }
    return "\(verdict.rawValue): \(reason.escapingControlCharacters)\n\n" + table.text
  }
}

extension KinResult: TabularResult {
  /// A row a test.
  var table: ResultTable {
    ResultTable(
      ["name", "statistic", "pValue", "says"],
      tests.map { [.text($0.name), .number($0.statistic), .number($0.pValue), .text($0.says)] })
  }
}
