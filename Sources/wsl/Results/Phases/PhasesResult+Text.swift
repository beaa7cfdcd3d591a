import Phases
import Reports
import Support

extension PhasesResult {
  /// The result for a person: the map, the phases, the thresholds, what is missing.
  var text: String {
    var parts = [mapText, phaseText, thresholdText]
    if let best {
      let share = best.phase.flatMap { best.probabilities[$0.rawValue] }
      parts.append(
        "best test accuracy: \(NumberFormat.significant(best.testAccuracy)) at \(load) "
          + "\(NumberFormat.significant(best.load)), \(temperature) "
          + "\(NumberFormat.significant(best.temperature)), in phase "
          + (best.phase?.rawValue ?? "unknown")
          + (share.map { " (in \(NumberFormat.percent($0, decimals: 0)) of the draws)" } ?? ""))
    }
    parts += claimTexts
    if !correlations.isEmpty {
      parts.append(
        "ranks with test accuracy (Spearman): "
          + correlations.map {
            "\($0.measure) \(NumberFormat.fixed($0.spearman.value, decimals: 3))"
          }.joined(separator: ", "))
    }
    for prediction in predictions {
      var line =
        "\(prediction.outcome.escapingControlCharacters), told of cells not seen (R²): "
        + "\(load) and \(temperature) \(NumberFormat.fixed(prediction.columns.value, decimals: 3)), "
        + "phase \(NumberFormat.fixed(prediction.phase.value, decimals: 3)), "
        + "both \(NumberFormat.fixed(prediction.both.value, decimals: 3))"
      if let interval = prediction.gainInterval {
        line +=
          " (gain \(NumberFormat.fixed(prediction.gain.value, decimals: 3)), 95 % "
          + "\(NumberFormat.fixed(interval.low, decimals: 3)) to "
          + "\(NumberFormat.fixed(interval.high, decimals: 3)))"
      }
      parts.append(line)
    }
    parts.append(coverageText)
    return parts.joined(separator: "\n")
  }

  private var mapText: String {
    let loads = Set(cells.map(\.load)).sorted()
    var table = TextTable(
      [.number("\(temperature) \\ \(load)".escapingControlCharacters)]
        + loads.map { .text(NumberFormat.significant($0)) })
    for row in Set(cells.map(\.temperature)).sorted() {
      let own = cells.filter { $0.temperature == row }
      table.add(
        [NumberFormat.significant(row)]
          + loads.map { load in
            guard let cell = own.first(where: { $0.load == load }) else { return "" }
            guard let phase = cell.phase else { return "?" }
            return phase.rawValue + ((cell.confidence ?? 1) < 0.8 ? "~" : "")
          })
    }
    return table.text + "\n~ less than 80 % sure; ? a measure is missing\n"
  }

  private var phaseText: String {
    var table = TextTable([
      .text("phase"), .text("meaning"), .number("cells"), .number("test accuracy"),
      .text("95 %"),
    ])
    for phase in phases {
      table.add(
        phase.phase.rawValue, phase.meaning, "\(phase.cells)",
        phase.testAccuracy.map { NumberFormat.significant($0, digits: 4) } ?? "",
        phase.interval.map {
          NumberFormat.significant($0.low, digits: 4) + " to "
            + NumberFormat.significant($0.high, digits: 4)
        } ?? "")
    }
    return table.text + "\n"
  }

  var thresholdText: String {
    func line(_ name: String, _ value: Double?) -> String? {
      guard let value else { return nil }
      var text = "\(name) \(NumberFormat.significant(value, digits: 4))"
      if thresholds.found.contains(name) {
        text += " found"
        if let interval = thresholds.intervals[name] {
          text +=
            " (\(NumberFormat.significant(interval.low, digits: 3)) to "
            + "\(NumberFormat.significant(interval.high, digits: 3)))"
        }
      } else {
        text += " given"
      }
      return text
    }
    return "thresholds: "
      + [
        line("loss", thresholds.loss), line("connectivity", thresholds.connectivity),
        line("similarity", thresholds.similarity),
      ].compactMap { $0 }.joined(separator: ", ")
  }

  private var coverageText: String {
    var lines = [
      "coverage: \(coverage.decided) of \(coverage.gridCells) cells of the grid have a phase, "
        + "\(coverage.uncertain) of them less than 80 % sure"
        + (coverage.missing.isEmpty
          ? "; all five phases are there"
          : "; missing: \(coverage.missing.map(\.rawValue).joined(separator: ", "))")
    ]
    for run in coverage.runs.prefix(8) {
      lines.append(
        "  \(load.escapingControlCharacters) \(NumberFormat.significant(run.load)), "
          + "\(temperature.escapingControlCharacters) \(NumberFormat.significant(run.temperature)): "
          + run.reason)
    }
    if coverage.runs.count > 8 { lines.append("  and \(coverage.runs.count - 8) more") }
    return lines.joined(separator: "\n")
  }
}

extension PhasesResult: TabularResult {
  /// A row a cell.
  var table: ResultTable {
    ResultTable(
      [
        "load", "temperature", "models", "trainLoss", "hessianTopEigenvalue", "hessianTrace",
        "connectivity", "similarity", "testAccuracy", "phase", "confidence", "reason",
      ],
      cells.map { cell in
        [
          .number(cell.load), .number(cell.temperature), .count(cell.models),
          .number(cell.trainLoss), .number(cell.hessianTopEigenvalue), .number(cell.hessianTrace),
          .number(cell.connectivity), .number(cell.similarity), .number(cell.testAccuracy),
          .text(cell.phase?.rawValue), .number(cell.confidence), .text(cell.reason),
        ]
      })
  }
}
