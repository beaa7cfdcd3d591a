import Reports
import WorkbenchCore

extension ConnectResult {
  /// The result for a person: the ends, then the paths between them.
  var text: String {
    var table = TextTable([
      .text("path"), .number("loss at A"), .number("middle"), .number("at B"),
      .number("barrier"), .text("at"), .number("accuracy at A"), .number("middle"),
      .number("at B"),
    ])
    for curve in curves {
      guard let first = curve.points.first, let last = curve.points.last else { continue }
      let middle = curve.points[curve.points.count / 2]
      table.add(
        curve.name, loss(first), loss(middle), loss(last),
        NumberFormat.fixed(curve.barrier.loss.value, decimals: 4),
        "t = \(NumberFormat.fixed(curve.barrier.at, decimals: 2))",
        accuracy(first), accuracy(middle), accuracy(last))
    }
    return "\(NumberFormat.grouped(examples)) \(split) examples of \(data)\n\n" + table.text
      + (repairNote.map { "\n" + $0 + "\n" } ?? "")
  }

  /// What `+reset` and `+rescale` mean.
  private var repairNote: String? {
    switch repair?.method {
    case "reset":
      "+reset: the running statistics of batch normalisation are measured anew at every t, the "
        + "ends too, on \(NumberFormat.grouped(repair?.examples ?? 0)) training examples"
    case "rescale":
      "+rescale: every hidden channel gets the mean of the norms it has in A and B; the ends stay "
        + "as they are"
    default: nil
    }
  }

  private func loss(_ point: PointRow) -> String {
    NumberFormat.fixed(point.loss.value, decimals: 4)
  }

  private func accuracy(_ point: PointRow) -> String {
    NumberFormat.percent(point.accuracy.value)
  }
}
