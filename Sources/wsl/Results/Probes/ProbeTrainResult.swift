import Probes
import Reports
import Support
import Workbench
import ZooIndex

/// What `wsl probe train` says.
struct ProbeTrainResult: Encodable {
  /// A figure with its interval.
  struct Figure: Encodable {
    var metric: String
    var mean: FiniteNumber
    var low: FiniteNumber
    var high: FiniteNumber
    var folds: [FiniteNumber]

    init(_ metric: String, _ figure: ProbeFigure) {
      self.metric = metric
      (mean, low) = (FiniteNumber(figure.mean), FiniteNumber(figure.low))
      high = FiniteNumber(figure.high)
      folds = figure.folds.map(FiniteNumber.init)
    }

    /// The figure for a person.
    var text: String {
      "\(NumberFormat.fixed(mean.value, decimals: 3)) "
        + "[\(NumberFormat.fixed(low.value, decimals: 3)), "
        + "\(NumberFormat.fixed(high.value, decimals: 3))]"
    }
  }

  struct Layer: Encodable {
    var layer: String
    var validation: Figure
  }

  struct Baseline: Encodable {
    var kind: String
    var parameters: Int
    var test: Figure
  }

  struct CurvePoint: Encodable {
    var models: Int
    var kind: String
    var test: Figure
  }

  struct Reliability: Encodable {
    struct Bin: Encodable {
      var from: Double
      var to: Double
      var count: Int
      var confidence: Double
      var accuracy: Double
    }
    var error: FiniteNumber
    var bins: [Bin]

    init(_ found: Calibration) {
      error = FiniteNumber(found.error)
      bins = found.bins.map {
        Bin(
          from: $0.from, to: $0.to, count: $0.count, confidence: $0.confidence,
          accuracy: $0.accuracy)
      }
    }
  }

  var index: String
  var output: String
  var target: String
  var task: String
  var kind: String
  /// Whether the probe is one for each tree; `baselines` has the one for all then.
  var perTree: Bool
  /// Whose way of making matrices of convolutions was followed; null for this tool's own.
  @OrNull var compat: String?
  /// Whether sizes or the learning rate were chosen by the validation models.
  var tuned: Bool
  @OrNull var layer: String?
  var models: Int
  var groups: Int
  var classes: [String]
  /// Classes that no model is of, which the probe ranks by their texts.
  var unseenClasses: [String]
  var parameters: Int
  var chance: FiniteNumber
  var validation: Figure
  var test: Figure
  var layers: [Layer]
  var baselines: [Baseline]
  /// How kinds of probes do that learn from fewer models; empty where it was not asked for.
  var learningCurve: [CurvePoint]
  var confusion: [[Int]]
  /// The columns of the index with the folds.
  var split: Split
  /// How models were lined up before they were read; null where they were read as they are.
  @OrNull var alignment: Alignment?
  /// Models in two dimensions; null where it was not asked for.
  @OrNull var plane: Plane?
  @OrNull var calibration: Reliability?
  var skipped: [ProbeModels.Skipped]
  /// How many models are near copies of others, and stay on one side of every split with them.
  var nearCopies: Int
  var bytesRead: Int
  var seconds: Double
  var seed: UInt64
  var warnings: [String] = []

  init(_ command: ProbeTrainCommand, _ found: ProbeRun.Result, seconds: Double) {
    let report = found.report
    let metric = ProbeMetric.name(of: found.labels.targets)
    index = command.index
    output = command.output
    target = command.target
    task = found.labels.task.rawValue
    kind = command.kind
    perTree = command.perTree
    compat = command.layers.compat
    tuned = command.network.tune
    layer = report.layer.isEmpty ? nil : report.layer
    models = found.models.ids.count
    groups = Set(found.models.groups).count
    classes = found.labels.classes
    unseenClasses =
      found.file.map { Array($0.manifest.classes.dropFirst(found.labels.classes.count)) } ?? []
    parameters = report.parameterCount
    chance = FiniteNumber(report.chance)
    validation = Figure(metric, report.validation)
    test = Figure(metric, report.test)
    layers = report.layers.filter { !$0.name.isEmpty }.map {
      Layer(layer: $0.name, validation: Figure(metric, $0.validation))
    }
    baselines = report.baselines.map {
      Baseline(kind: $0.method, parameters: $0.parameterCount, test: Figure(metric, $0.test))
    }
    learningCurve = (found.curve?.points ?? []).map {
      CurvePoint(models: $0.modelCount, kind: $0.method, test: Figure(metric, $0.test))
    }
    confusion = report.confusion
    calibration = report.calibration.map(Reliability.init)
    split = Split(
      columns: command.split.map { [$0] } ?? found.splits.splits.map(\.column), stored: true)
    alignment = found.alignment.map(Alignment.init)
    plane = found.plane.map { Plane($0, found) }
    skipped = found.models.skipped
    nearCopies = found.nearCopies
    bytesRead = found.byteCount
    self.seconds = seconds
    seed = command.network.seed
    warnings += SkippedWarning.lines(skipped)
    if nearCopies > 0 {
      warnings.append(
        "\(nearCopies) models are near copies of others, and stay on one side of every split with them"
      )
    }
    warnings += rareClasses(found)
    if !unseenClasses.isEmpty {
      warnings.append(
        "of \(unseenClasses.count) classes there is a text and no model; they are ranked by the text: "
          + unseenClasses.prefix(10).joined(separator: ", ").escapingControlCharacters)
    }
    if found.layersNotTried > 0 {
      warnings.append(
        "\(found.layersNotTried) layers are not tried: too few models have them in the same shape")
    }
    if !report.test.mean.isFinite {
      warnings.append("the figure on the test models is not finite")
    }
  }

  /// What is said of classes that are not in every part of a split: such a class is guessed at.
  private func rareClasses(_ found: ProbeRun.Result) -> [String] {
    guard case .classes(let ownClasses, let count) = found.labels.targets else { return [] }
    var groups = [Set<Int>](repeating: [], count: count)
    for (model, place) in ownClasses.enumerated() {
      groups[place].insert(found.models.groups[model])
    }
    let rare = groups.indices.filter { groups[$0].count < 3 }.map { classes[$0] }
    guard !rare.isEmpty else { return [] }
    return [
      "too few models to learn, choose and test by are of the "
        + (rare.count == 1 ? "class " : "\(rare.count) classes ")
        + rare.prefix(10).joined(separator: ", ").escapingControlCharacters
        + (rare.count > 10 ? " and others" : "")
    ]
  }
}
