import Reports
import Support

extension ConnectResult {
  /// The barriers by each definition, and what the weights say.
  var measuresText: String {
    let measured = curves.filter { $0.l2 != nil }
    guard measured.contains(where: { $0.taylor != nil || $0.alignment != nil }) else { return "" }
    var table = TextTable([
      .text("path"), .number("over line"), .number("over mean"), .number("at ½"),
      .number("Taylor at ½"), .number("L2"), .number("cosine"), .number("R(0.3)"),
      .number("with middle"),
    ])
    for curve in measured {
      let set = curve.barriers.loss
      let place = curve.alignment?.gammas.firstIndex(of: 0.3)
      table.add(
        label(curve), signed(set.overLine), signed(set.overMean), signed(set.atMiddle),
        signed(curve.taylor?.estimate), number(curve.l2, 2), number(curve.cosine, 3),
        number(place.flatMap { curve.alignment?.ends[$0] }, 3),
        number(place.flatMap { curve.alignment?.aMiddle[$0] }, 3))
    }
    let differences = singularValues.filter { $0.a == a && $0.b == b }.map {
      "\($0.tensor) \(NumberFormat.percent($0.difference.value))"
    }
    return "\n\n" + table.text
      + (differences.isEmpty
        ? "" : "\n\nsingular values differ by " + differences.joined(separator: ", "))
      + outputBoundText
  }

  /// What the layers' outputs of the first pair differ by, beside the bound.
  private var outputBoundText: String {
    let rows = curves.filter { ($0.a, $0.b) == (a, b) && $0.split == curves.first?.split }
      .flatMap { curve in (curve.outputBound ?? []).map { (curve.name, $0) } }
    guard !rows.isEmpty else { return "" }
    var table = TextTable([
      .text("outputs"), .text("path"), .number("A's norm"), .number("difference"),
      .number("bound"), .number("‖Wx‖+‖W′x‖"), .number("inputs in top vectors"),
      .number("at random"),
    ])
    for (name, row) in rows {
      guard let place = row.gammas.firstIndex(of: 0.3) else { continue }
      table.add(
        row.tensor.escapingControlCharacters, name, number(row.outputNorm, 3),
        number(row.difference, 3), number(row.bound, 3), number(row.plainBound, 3),
        NumberFormat.percent(row.concentration[place].value),
        NumberFormat.percent(row.isotropic[place].value))
    }
    return "\n\n" + table.text
  }

  private func signed(_ value: FiniteNumber?) -> String { number(value, 4) }

  private func number(_ value: FiniteNumber?, _ decimals: Int) -> String {
    value.map { NumberFormat.fixed($0.value, decimals: decimals) } ?? ""
  }
}
