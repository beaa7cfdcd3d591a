import Reports
import Support

extension ProbeTrainResult {
  /// The result for a person.
  var text: String {
    var lines = [
      "\(target.escapingControlCharacters): \(task), \(models) models in \(groups) groups"
        + (classes.isEmpty
          ? ""
          : ", \(classes.count) classes: "
            + classes.prefix(12).joined(separator: ", ").escapingControlCharacters)
    ]
    if let alignment {
      lines.append(
        "lined up with \(alignment.roots.count) roots: \(alignment.movedModels) of "
          + "\(alignment.roots.reduce(0) { $0 + $1.models }) models had units in another order")
    }
    if let layer { lines.append("layer: \(layer.escapingControlCharacters)") }
    var table = TextTable([
      .text("kind"), .number("parameters"), .text("\(test.metric) on test [95 %]"),
    ])
    table.add(perTree ? kind + "-per-tree" : kind, NumberFormat.grouped(parameters), test.text)
    for baseline in baselines {
      table.add(baseline.kind, NumberFormat.grouped(baseline.parameters), baseline.test.text)
    }
    lines += [table.text, "chance: \(NumberFormat.fixed(chance.value, decimals: 3))"]
    if layers.count > 1 {
      var sweep = TextTable([.text("layer"), .text("\(test.metric) on validation [95 %]")])
      for layer in layers {
        sweep.add(layer.layer.escapingControlCharacters, layer.validation.text)
      }
      lines += ["", sweep.text]
    }
    if !learningCurve.isEmpty {
      var curve = TextTable([
        .number("models learned from"), .text("kind"), .text("\(test.metric) on test [95 %]"),
      ])
      for point in learningCurve { curve.add(String(point.models), point.kind, point.test.text) }
      lines += ["", curve.text]
    }
    if let calibration {
      lines.append(
        "calibration error: \(NumberFormat.fixed(calibration.error.value, decimals: 3))")
    }
    lines.append(
      "\(output.escapingControlCharacters): the probe; \(NumberFormat.bytes(bytesRead)) of weights "
        + "were read")
    return lines.joined(separator: "\n")
  }
}
