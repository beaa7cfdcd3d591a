import Reports
import Support
import Workbench

extension MatchResult {
  /// The result for a person.
  var text: String {
    let showsKinds = objectives != nil
    var units = TextTable(
      [.text("group"), .number("units"), .number("moved")] + (showsKinds ? [.text("kind")] : []))
    for group in groups {
      units.add(
        [group.group.escapingControlCharacters, String(group.size), String(group.moved)]
          + (showsKinds ? [group.kind] : []))
    }
    for layer in pairing.leftOut where !layer.tensors.isEmpty {
      units.add(
        ["\(layer.layer) of \(layer.network)".escapingControlCharacters, "head", "not compared"]
          + (showsKinds ? [""] : []))
    }
    var measures = TextTable([
      .text(""), .number("before"), .number("after"), .number("change"),
    ])
    measures.add(row("objective (squared distance)", objective, digits: 7, showsChange: true))
    measures.add(row("L2 distance", l2, digits: 5, showsChange: true))
    measures.add(row("cosine", cosine, digits: 4))
    if let learning {
      measures.add(row("training loss at the midpoint", learning, digits: 5))
    }
    for (index, gamma) in alignment.gammas.enumerated() {
      let change = Change(before: alignment.before[index], after: alignment.after[index])
      measures.add(row("singular vectors, R(\(gamma))", change, digits: 3))
    }
    let work = "\(method): \(sweeps) sweeps, \(NumberFormat.seconds(seconds)), seed \(seed)"
    return [units.text, measures.text, scaling?.text, work + "\n" + pairing.text].compactMap { $0 }
      .joined(separator: "\n\n")
  }

  private func row(_ name: String, _ change: Change, digits: Int, showsChange: Bool = false)
    -> [String]
  {
    let (before, after) = (change.before.value, change.after.value)
    let share = before == 0 ? 0 : after / before - 1
    return [
      name, NumberFormat.significant(before, digits: digits),
      NumberFormat.significant(after, digits: digits),
      showsChange ? NumberFormat.percent(share) : "",
    ]
  }
}

extension MatchResult: TabularResult {
  /// A row a group of units.
  var table: ResultTable {
    ResultTable(
      ["a", "b", "group", "size", "moved"],
      groups.map { group in
        [.text(a), .text(b), .text(group.group), .count(group.size), .count(group.moved)]
      })
  }
}
