import Reports
import Support
import Workbench

extension PairStudyResult {
  /// The barriers by each definition, and what the weights say.
  func measuresText(isBrief: Bool) -> String {
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
    return "\n\n" + table.text + singularValuesText(isBrief) + outputBoundText(isBrief)
  }

  /// More layers than this are told by those that differ most, unless details are asked for.
  static let fewLayers = 5

  private func singularValuesText(_ isBrief: Bool) -> String {
    var rows = singularValues.filter { $0.a == a && $0.b == b }
    guard !rows.isEmpty else { return "" }
    let left = isBrief ? rows.count - Self.fewLayers : 0
    if left > 0 {
      rows = Array(
        rows.sorted { $0.difference.value > $1.difference.value }.prefix(Self.fewLayers))
    }
    let named = rows.map {
      "\($0.tensor.escapingControlCharacters) \(NumberFormat.percent($0.difference.value))"
    }
    return "\n\nsingular values differ by " + named.joined(separator: ", ")
      + (left > 0 ? ", and by less in \(left) more layers (--details)" : "")
  }

  /// What the layers' outputs of the first pair differ by, beside the bound.
  private func outputBoundText(_ isBrief: Bool) -> String {
    var rows = curves.filter { ($0.a, $0.b) == (a, b) && $0.split == curves.first?.split }
      .flatMap { curve in (curve.outputBound ?? []).map { (curve.name, $0) } }
    guard !rows.isEmpty else { return "" }
    let tensors = Set(rows.map { $0.1.tensor })
    let left = isBrief ? tensors.count - Self.fewLayers : 0
    if left > 0 {
      let kept = Set(Self.farthest(rows.map(\.1)))
      rows = rows.filter { kept.contains($0.1.tensor) }
    }
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
      + (left > 0 ? "\n(the layers that differ most; \(left) more with --details)" : "")
  }

  /// The few layers whose outputs differ most, relative to A's.
  private static func farthest(_ rows: [OutputBoundRow]) -> ArraySlice<String> {
    var largest: [String: Double] = [:]
    for row in rows where row.difference.value.isFinite && row.outputNorm.value > 0 {
      let share = row.difference.value / row.outputNorm.value
      largest[row.tensor] = max(largest[row.tensor] ?? 0, share)
    }
    let order = largest.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    return order.prefix(fewLayers)
  }

  private func signed(_ value: FiniteNumber?) -> String { number(value, 4) }

  private func number(_ value: FiniteNumber?, _ decimals: Int) -> String {
    value.map { NumberFormat.fixed($0.value, decimals: decimals) } ?? ""
  }
}
