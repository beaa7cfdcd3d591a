import Reports

/// The histories of one or more models as a figure.
enum LearningCurves {
  /// How many models a figure shows: as many as there are colours.
  static let limit = 7

  /// A panel for each thing that was noted: loss, accuracy, learning rate, with a line for each part of the
  /// data; or, of several models, the loss on each part, with a line for each model. Nil where no file has a
  /// history.
  static func chart(_ models: [(name: String, facts: ModelFacts)]) -> LineChart? {
    let shown = models.filter { !$0.facts.history.isEmpty }.prefix(limit)
    var panels: [String: [LineChart.Series]] = [:]
    var order: [String] = []
    for (name, facts) in shown {
      for (column, values) in facts.history {
        // Of one model the parts of the data share a panel; of several, the models do.
        let (part, what) = shown.count > 1 ? (name, column) : parts(column)
        let series = LineChart.Series(
          name: part.isEmpty ? what.replacing("_", with: " ") : part,
          points: values.enumerated().map {
            LineChart.Point(x: Double($0.offset + 1), y: $0.element)
          },
          style: values.count > 60 ? .line : .lineAndDots)
        if panels[what] == nil { order.append(what) }
        panels[what, default: []].append(series)
      }
    }
    guard !order.isEmpty else { return nil }
    // Losses first, then how good it is, then settings.
    func rank(_ what: String) -> Int {
      what.contains("loss") ? 0 : what.contains("accuracy") ? 1 : 2
    }
    let sorted = order.sorted { (rank($0), $0) < (rank($1), $1) }
    return LineChart(
      title: "Learning curves",
      subtitle: "after each epoch; the vertical axes show the range of the values",
      panels: sorted.map { what in
        LineChart.Panel(
          title: what.replacing("_", with: " "), xLabel: "epoch", series: panels[what] ?? [])
      }, columns: 2)
  }

  /// `test_loss` is the loss on the test data.
  private static func parts(_ column: String) -> (part: String, what: String) {
    for part in ["train", "test", "validation", "val"] where column.hasPrefix(part + "_") {
      return (part, String(column.dropFirst(part.count + 1)))
    }
    return ("", column)
  }
}
