import Reports
import Support

/// What a probe takes for what, and how far its shares can be believed.
enum ProbeFigures {
  /// The paths of both figures.
  static func paths(_ path: String) -> [String] {
    [path, FigureFiles.path(path, part: "reliability")]
  }

  /// Writes those that there are numbers for.
  ///
  /// - Returns: the pictures' paths.
  static func write(
    target: String, classes: [String], confusion: [[Int]],
    calibration: ProbeTrainResult.Reliability?, to path: String, overwrites: Bool
  ) throws -> [String] {
    var written: [String] = []
    let places = paths(path)
    if !confusion.isEmpty {
      try FigureFiles.write(
        matrix(target, classes, confusion), to: places[0], overwrites: overwrites)
      written.append(places[0])
    }
    if let calibration {
      try FigureFiles.write(
        reliability(target, calibration), to: places[1], overwrites: overwrites)
      written.append(places[1])
    }
    return written
  }

  private static func matrix(
    _ target: String, _ classes: [String], _ confusion: [[Int]]
  ) -> HeatMap {
    func name(_ place: Int) -> String {
      classes.indices.contains(place) ? classes[place] : "\(place)"
    }
    let largest = confusion.joined().max() ?? 0
    let columns = (confusion.first ?? []).indices.map { place in
      name(place).count <= 6 ? name(place) : "\(place + 1)"
    }
    return HeatMap(
      title: "What the probe takes for what: \(target)",
      subtitle: "models of each class by what was predicted, of the test",
      rows: "class", columns: "prediction", values: "models",
      scale: .sequential(0...Double(max(1, largest))),
      panels: [
        HeatMap.Panel(
          title: "",
          rows: confusion.indices.map { place in
            name(place).count <= 6 ? name(place) : "\(place + 1) \(name(place))"
          }, columns: columns, values: confusion.map { $0.map(Double.init) })
      ])
  }

  private static func reliability(
    _ target: String, _ found: ProbeTrainResult.Reliability
  ) -> LineChart {
    let bins = found.bins.filter { $0.count > 0 }
    return LineChart(
      title: "Reliability: \(target)",
      subtitle: "how often predictions of a confidence are right; calibration error "
        + NumberFormat.fixed(found.error.value, decimals: 3),
      panels: [
        LineChart.Panel(
          title: "share that is right", xLabel: "confidence",
          series: [
            .init(
              name: "predictions", points: bins.map { .init(x: $0.confidence, y: $0.accuracy) }),
            .init(
              name: "as confident as right", points: [.init(x: 0, y: 0), .init(x: 1, y: 1)],
              style: .line),
          ])
      ])
  }
}
