import Probes
import Reports
import Support
import Workbench

/// What `wsl probe evaluate` says.
struct ProbeEvaluateResult: Encodable {
  /// How well distances reject models of trees that the probe did not learn from.
  struct Rejection: Encodable {
    struct Point: Encodable {
      /// The least distance that is rejected, in radii; null where none is.
      var threshold: FiniteNumber
      var falsePositiveRate: Double
      var truePositiveRate: Double

      init(_ point: RejectionCurve.Point) {
        threshold = FiniteNumber(point.threshold)
        falsePositiveRate = point.falsePositiveRate
        truePositiveRate = point.truePositiveRate
      }
    }
    /// How many models are of trees that the probe learned from, by what their files say.
    var known: Int
    /// How many are of other trees.
    var unknown: Int
    /// The area under the curve.
    var area: Double
    /// What the probe's own radius does.
    var atRadius: Point
    var roc: [Point]
    /// The areas under the curves of the one-class scores; null where the probe has none.
    @OrNull var nearestArea: Double?
    @OrNull var mahalanobisArea: Double?

    init(_ curve: RejectionCurve, nearest: RejectionCurve?, mahalanobis: RejectionCurve?) {
      (nearestArea, mahalanobisArea) = (nearest?.area, mahalanobis?.area)
      (known, unknown, area) = (curve.knownCount, curve.unknownCount, curve.area)
      atRadius = Point(curve.atRadius)
      roc = curve.points.map(Point.init)
    }
  }

  var probe: String
  var index: String
  var target: String
  var task: String
  var kind: String
  @OrNull var layer: String?
  var models: Int
  /// How many models lie outside all trees that the probe knows.
  var unknown: Int
  var classes: [String]
  var chance: FiniteNumber
  var test: ProbeTrainResult.Figure
  var confusion: [[Int]]
  @OrNull var calibration: ProbeTrainResult.Reliability?
  @OrNull var rejection: Rejection?
  var skipped: [ProbeModels.Skipped]
  var warnings: [String] = []

  init(
    probe: String, index: String, target: String, file: ProbeFile, models: ProbeModels,
    labels: ProbeLabels, figure: ProbeFigure, confusion: [[Int]], calibration: Calibration?,
    unknown: Int, rejection: Rejection?
  ) {
    self.probe = probe
    self.index = index
    self.target = target
    task = file.manifest.task
    kind = file.manifest.method
    layer = file.manifest.layer.isEmpty ? nil : file.manifest.layer
    self.models = models.ids.count
    self.unknown = unknown
    classes = file.manifest.classes
    chance = FiniteNumber(
      ProbeMetric.chance(labels.targets, Array(0..<labels.targets.count)))
    test = ProbeTrainResult.Figure(ProbeMetric.name(of: labels.targets), figure)
    self.confusion = confusion
    self.calibration = calibration.map(ProbeTrainResult.Reliability.init)
    self.rejection = rejection
    skipped = models.skipped
    warnings += SkippedWarning.lines(skipped)
    if unknown > 0 {
      warnings.append("\(unknown) models lie outside all trees that the probe knows")
    }
    if !figure.mean.isFinite { warnings.append("the figure is not finite") }
  }

  /// The result for a person.
  var text: String {
    var lines = [
      "\(target.escapingControlCharacters): \(models) models, \(unknown) of unknown trees",
      "\(test.metric): \(test.text); chance \(NumberFormat.fixed(chance.value, decimals: 3))",
    ]
    if let calibration {
      lines.append(
        "calibration error: \(NumberFormat.fixed(calibration.error.value, decimals: 3))")
    }
    if let rejection {
      let (right, wrong) = (
        rejection.atRadius.truePositiveRate, rejection.atRadius.falsePositiveRate
      )
      lines.append(
        "rejected: \(NumberFormat.percent(right)) of \(rejection.unknown) models of unknown trees, "
          + "\(NumberFormat.percent(wrong)) of \(rejection.known) of known ones; area under the "
          + "curve \(NumberFormat.fixed(rejection.area, decimals: 3))")
      if let nearest = rejection.nearestArea, let mahalanobis = rejection.mahalanobisArea {
        lines.append(
          "by what the network sees: area \(NumberFormat.fixed(nearest, decimals: 3)) for the nearest "
            + "models, \(NumberFormat.fixed(mahalanobis, decimals: 3)) for the Mahalanobis distance"
        )
      }
    }
    return lines.joined(separator: "\n")
  }
}
