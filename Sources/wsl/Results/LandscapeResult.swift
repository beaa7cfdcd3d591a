import Curvature
import Foundation
import Networks
import Reports
import Support
import Workbench

/// What `wsl landscape` says.
struct LandscapeResult: Encodable {
  struct Place: Encodable {
    var file: String
    var x: Double
    var y: Double
    /// How far the network is from the plane.
    var distance: Double
    var loss: FiniteNumber
    var accuracy: FiniteNumber
  }

  struct Contour: Encodable {
    var level: Double
    /// Pieces of the line, each from one point to another.
    var segments: [[[Double]]]
  }

  var file: String
  var kind: String
  var data: String
  var split: String
  var examples: Int
  var normalization: NormalizationRecord?
  var directions: Int
  var seed: UInt64
  var xs: [Double]
  var ys: [Double]
  /// A row for each of `ys`.
  var loss: [[FiniteNumber]]
  var accuracy: [[FiniteNumber]]
  var points: [Place]
  /// The share of the run's movement along each axis; none but for a trajectory.
  var explainedVariance: [Double]
  var contours: [Contour]
  var warnings: [String] = []

  init(
    _ section: LandscapeSection, files: [String], kind: String, data: String, split: String,
    examples: Int, seed: UInt64
  ) {
    file = kind == "trajectory" ? files[files.count - 1] : files[0]
    self.kind = kind
    self.data = data
    self.split = split
    self.examples = examples
    self.seed = seed
    directions = section.ys.count > 1 ? 2 : 1
    (xs, ys) = (section.xs, section.ys)
    loss = section.evaluations.map { $0.map { FiniteNumber($0.loss) } }
    accuracy = section.evaluations.map { $0.map { FiniteNumber($0.accuracy) } }
    points = zip(files, section.places).map { file, place in
      Place(
        file: file, x: place.x, y: place.y, distance: place.distance,
        loss: FiniteNumber(place.evaluation.loss),
        accuracy: FiniteNumber(place.evaluation.accuracy))
    }
    explainedVariance = section.explained
    let values = section.losses
    let lines =
      section.ys.count > 1
      ? ContourLines.levels(of: values).map {
        ContourLines(level: $0, xs: section.xs, ys: section.ys, values: values)
      } : []
    contours = lines.map { line in
      Contour(level: line.level, segments: line.segments.map { $0.map { [$0.x, $0.y] } })
    }
  }

  /// The result for a person.
  var text: String {
    let all = loss.joined().map(\.value).filter(\.isFinite)
    var table = TextTable([
      .text("network"), .number("x"), .number("y"), .number("distance"), .number("loss"),
      .number("accuracy"),
    ])
    for point in points {
      table.add(
        (point.file as NSString).lastPathComponent.escapingControlCharacters,
        NumberFormat.significant(point.x, digits: 4), NumberFormat.significant(point.y, digits: 4),
        NumberFormat.significant(point.distance, digits: 3),
        NumberFormat.significant(point.loss.value, digits: 5),
        NumberFormat.percent(point.accuracy.value))
    }
    let places = NumberFormat.grouped(xs.count * ys.count)
    var head =
      "\(places) places of a \(kind) section on \(NumberFormat.grouped(examples)) \(split) examples"
    if let low = all.min(), let high = all.max() {
      head +=
        ", loss \(NumberFormat.significant(low, digits: 4)) to \(NumberFormat.significant(high, digits: 4))"
    }
    if !explainedVariance.isEmpty {
      head +=
        "; the axes hold "
        + explainedVariance.map { NumberFormat.percent($0) }.joined(separator: " and ")
        + " of the movement"
    }
    return head + "\n" + table.text
  }
}

extension LandscapeResult: TabularResult {
  /// A row a place.
  var table: ResultTable {
    ResultTable(
      ["x", "y", "loss", "accuracy"],
      loss.indices.flatMap { row in
        loss[row].indices.map { column in
          [
            .number(xs.indices.contains(column) ? xs[column] : .nan),
            .number(ys.indices.contains(row) ? ys[row] : .nan), .number(loss[row][column]),
            .number(accuracy[row][column]),
          ]
        }
      })
  }
}
