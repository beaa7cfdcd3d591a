import Foundation
import Reports
import Support
import Workbench

extension PairStudyResult {
  /// The result for a person: the ends, then the paths between them, then the weights.
  ///
  /// - Parameter isBrief: whether of many layers those are told that differ most.
  func text(isBrief: Bool) -> String {
    var table = TextTable([
      .text("path"), .number("loss at A"), .number("middle"), .number("at B"),
      .number("barrier"), .text("at"), .number("accuracy at A"), .number("middle"),
      .number("at B"),
    ])
    for curve in curves {
      guard let first = curve.points.first, let last = curve.points.last else { continue }
      let middle = curve.points[curve.points.count / 2]
      table.add(
        label(curve), loss(first), loss(middle), loss(last),
        NumberFormat.fixed(curve.barrier.loss.value, decimals: 4),
        "t = \(NumberFormat.fixed(curve.barrier.at, decimals: 2))",
        accuracy(first), accuracy(middle), accuracy(last))
    }
    let count = examples.map { NumberFormat.grouped($0) + " " } ?? ""
    let name = split == "both" ? "test and all train" : split
    return "\(count)\(name) examples of \(data)\n\n" + table.text
      + temperatureText + (repairNote.map { "\n" + $0 + "\n" } ?? "") + (scaleNote ?? "")
      + meansText + measuresText(isBrief: isBrief)
      + (pairing.isEmpty ? "" : "\n\n" + Set(pairing.map(\.text)).sorted().joined(separator: "\n"))
  }

  /// The paths with each place at its best temperature.
  private var temperatureText: String {
    guard curves.contains(where: { $0.bestTemperature != nil }) else { return "" }
    var table = TextTable([
      .text("at the best temperature"), .number("loss at A"), .number("middle"), .number("at B"),
      .number("barrier"), .text("at"), .number("temperature at A"), .number("middle"),
      .number("at B"),
    ])
    for curve in curves {
      guard let row = curve.bestTemperature, let first = row.points.first,
        let last = row.points.last
      else { continue }
      let places = [first, row.points[row.points.count / 2], last]
      table.add(
        [label(curve)] + places.map { NumberFormat.fixed($0.loss.value, decimals: 4) }
          + [
            NumberFormat.fixed(row.barrier.value, decimals: 4),
            "t = \(NumberFormat.fixed(row.at, decimals: 2))",
          ] + places.map { NumberFormat.fixed($0.temperature.value, decimals: 3) })
    }
    return "\n\n" + table.text
  }

  private var meansText: String {
    guard !means.isEmpty else { return "" }
    var table = TextTable([
      .text("mean of all \(models.count)"), .number("loss"), .number("accuracy"),
    ])
    for mean in means {
      table.add(
        split == "both" ? "\(mean.name) \(mean.split)" : mean.name,
        NumberFormat.fixed(mean.loss.value, decimals: 4),
        mean.accuracy.value.isNaN ? "" : NumberFormat.percent(mean.accuracy.value))
    }
    return "\n\n" + table.text
  }

  /// What `+reset`, `+repair` and `+rescale` mean.
  private var repairNote: String? {
    switch repair?.method {
    case "reset":
      "+reset: the running statistics of batch normalisation are measured anew at every t, the "
        + "ends too, on \(NumberFormat.grouped(repair?.examples ?? 0)) training examples"
    case "repair":
      "+repair: every hidden unit gets the mean and the standard deviation it has in A and B, on "
        + "\(NumberFormat.grouped(repair?.examples ?? 0)) training examples; the ends stay as they are"
    case "rescale":
      "+rescale: every hidden channel gets the mean of the norms it has in A and B; the ends stay "
        + "as they are"
    default: nil
    }
  }

  /// What `scaled` means, with the factors that were found.
  private var scaleNote: String? {
    let rows = curves.filter { $0.l2 != nil }.compactMap { curve in
      curve.scaling.map { "\(curve.name): \($0.text)" }
    }
    return rows.isEmpty ? nil : "\n" + rows.joined(separator: "\n") + "\n"
  }

  private func loss(_ point: PointRow) -> String {
    NumberFormat.fixed(point.loss.value, decimals: 4)
  }

  private func accuracy(_ point: PointRow) -> String {
    point.accuracy.value.isNaN ? "" : NumberFormat.percent(point.accuracy.value)
  }
}

extension PairStudyResult: TabularResult {
  /// A row a place of a path.
  var table: ResultTable {
    ResultTable(
      ["a", "b", "path", "split", "t", "loss", "accuracy"],
      curves.flatMap { curve in
        curve.points.map { point in
          [
            .text(curve.a), .text(curve.b), .text(curve.name), .text(curve.split),
            .number(point.t), .number(point.loss), .number(point.accuracy),
          ]
        }
      })
  }
}
