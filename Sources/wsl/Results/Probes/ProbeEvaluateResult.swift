import Probes
import Reports
import Support
import Workbench

/// What `wsl probe evaluate` says.
struct ProbeEvaluateResult: Encodable {
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
  var skipped: [ProbeModels.Skipped]
  var warnings: [String] = []

  init(
    probe: String, index: String, target: String, file: ProbeFile, models: ProbeModels,
    labels: ProbeLabels, figure: ProbeFigure, confusion: [[Int]], calibration: Calibration?,
    unknown: Int
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
    return lines.joined(separator: "\n")
  }
}
