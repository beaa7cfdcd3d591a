import Datasets
import Foundation
import Networks
import Reports
import Support
import Workbench

/// What `wsl evaluate` says.
struct EvaluateResult: Encodable {
  struct Level: Encodable {
    var severity: Int
    var accuracy: FiniteNumber
    var loss: FiniteNumber
  }

  struct Row: Encodable {
    var type: String
    /// The robust accuracy: the mean over the severities.
    var accuracy: FiniteNumber
    var severities: [Level]
  }

  struct MeanError: Encodable {
    /// The plain mean over kinds and severities.
    var value: FiniteNumber
    /// Over the reference's, kind by kind; and the same with clean errors taken off. Null without a
    /// reference, or where it makes no error.
    var normalized: FiniteNumber?
    var relative: FiniteNumber?
    /// The kinds that it is taken over.
    var kinds: [String]
  }

  struct Model: Encodable {
    var file: String
    var cleanAccuracy: FiniteNumber
    var cleanLoss: FiniteNumber
    /// The loss, and what outputs are compared with.
    var lossFunction: String
    var target: String
    var corruptions: [Row]
    /// The mean of the robust accuracies of all kinds; null without corruptions.
    var meanRobustAccuracy: FiniteNumber?
    var mce: MeanError?
  }

  var data: String
  var split: String
  var examples: Int
  var normalization: NormalizationRecord?
  var seed: UInt64
  var scale: String
  var models: [Model]
  /// The network that errors were divided by, with its own results.
  var reference: Model?
  var warnings: [String]

  init(
    study: RobustnessStudy, data: String, split: String, examples: Int,
    findings: [RobustnessStudy.Finding], hasReference: Bool, warnings: [String]
  ) {
    self.data = data
    self.split = split
    self.examples = examples
    seed = study.seed
    scale = study.scale.rawValue
    self.warnings = warnings
    let divisor = hasReference ? findings.last?.errors : nil
    var rows = zip(study.models, findings).map { model, finding in
      Model(file: model.path, finding: finding, study: study, divisor: divisor)
    }
    reference = hasReference ? rows.popLast() : nil
    models = rows
  }

  /// The result for a person: a row a corruption, a column a network.
  var text: String {
    let all = models + [reference].compactMap { $0 }
    let names = all.map { ($0.file as NSString).lastPathComponent.escapingControlCharacters }
    var table = TextTable([.text("accuracy")] + names.map { .number($0) })
    func add(_ name: String, _ value: (Model) -> Double?) {
      table.add([name] + all.map { value($0).map { NumberFormat.percent($0) } ?? "" })
    }
    add("clean") { $0.cleanAccuracy.value.isFinite ? $0.cleanAccuracy.value : nil }
    for (index, row) in (all.first?.corruptions ?? []).enumerated() {
      add(row.type) { $0.corruptions[index].accuracy.value }
    }
    if all.first?.mce != nil {
      add("mean of all") { $0.meanRobustAccuracy?.value }
      let count = all[0].mce?.kinds.count ?? 0
      add("mCE of \(count)") { $0.mce?.value.value }
      if reference != nil {
        add("mCE, normalised") { $0.mce?.normalized?.value }
        add("relative mCE") { $0.mce?.relative?.value }
      }
    }
    let answersSteps = all.contains { model in
      [Objective.Target.nextTokens, .stepClasses].contains { $0.rawValue == model.target }
    }
    if answersSteps || all.contains(where: { $0.lossFunction != Loss.crossEntropy.rawValue }) {
      table.add(["loss"] + all.map { NumberFormat.fixed($0.cleanLoss.value, decimals: 4) })
    }
    let count = NumberFormat.grouped(examples)
    return
      "\(count) \(split) \(answersSteps ? "examples" : "images") of \(data.escapingControlCharacters)\n"
      + table.text
  }
}

extension EvaluateResult.Model {
  fileprivate init(
    file: String, finding: RobustnessStudy.Finding, study: RobustnessStudy,
    divisor: CorruptionErrors?
  ) {
    self.file = file
    cleanAccuracy = FiniteNumber(finding.clean.accuracy)
    cleanLoss = FiniteNumber(finding.clean.loss)
    lossFunction = finding.objective.loss.rawValue
    target = finding.objective.target.rawValue
    corruptions = study.kinds.compactMap { kind in
      guard let levels = finding.corrupted[kind], let error = finding.errors.error(kind) else {
        return nil
      }
      return EvaluateResult.Row(
        type: kind.rawValue, accuracy: FiniteNumber(1 - error),
        severities: zip(kind.hasSeverity ? study.severities : [5], levels).map {
          EvaluateResult.Level(
            severity: $0, accuracy: FiniteNumber($1.accuracy), loss: FiniteNumber($1.loss))
        })
    }
    guard let mean = finding.errors.mean else { return }
    let sum = corruptions.reduce(0) { $0 + $1.accuracy.value }
    meanRobustAccuracy = FiniteNumber(sum / Double(corruptions.count))
    mce = EvaluateResult.MeanError(
      value: FiniteNumber(mean),
      normalized: divisor.flatMap { finding.errors.mean(dividedBy: $0) }.map(FiniteNumber.init),
      relative: divisor.flatMap { finding.errors.mean(dividedBy: $0, isRelative: true) }
        .map(FiniteNumber.init),
      kinds: finding.errors.kindsInMean.map(\.rawValue))
  }
}

extension EvaluateResult: TabularResult {
  /// A row a network, and one for each corruption and severity of it.
  var table: ResultTable {
    ResultTable(
      ["file", "type", "severity", "accuracy", "loss"],
      (models + [reference].compactMap { $0 }).flatMap { model -> [[ResultTable.Cell]] in
        [
          [
            .text(model.file), .text("clean"), .nothing, .number(model.cleanAccuracy),
            .number(model.cleanLoss),
          ]
        ]
          + model.corruptions.flatMap { row in
            row.severities.map { level in
              [
                .text(model.file), .text(row.type), .count(level.severity),
                .number(level.accuracy), .number(level.loss),
              ]
            }
          }
      })
  }
}
