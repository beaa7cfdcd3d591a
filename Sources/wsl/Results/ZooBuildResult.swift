import Reports
import Support
import ZooBuilding

/// What `wsl zoo build` says.
struct ZooBuildResult: Encodable {
  struct Model: Encodable {
    var name: String
    var file: String
    var status: String
    var testLoss: FiniteNumber?
    var testAccuracy: FiniteNumber?
    var seconds: Double?
  }

  var spec: String
  var output: String
  var models: [Model]

  /// Gathers what was built and what was there.
  init(spec: String, output: String, models: [BuiltModel]) {
    self.spec = spec
    self.output = output
    self.models = models.map { model in
      Model(
        name: model.name, file: model.path, status: model.training == nil ? "kept" : "trained",
        testLoss: model.training.map { FiniteNumber($0.testLoss) },
        testAccuracy: model.training.map { FiniteNumber($0.testAccuracy) },
        seconds: model.training?.seconds)
    }
  }

  private func measured(_ number: FiniteNumber?) -> Double? {
    number.flatMap { $0.value.isFinite ? $0.value : nil }
  }

  /// The result for a person.
  var text: String {
    var table = TextTable([
      .text("model"), .text(""), .number("test loss"), .number("test accuracy"), .number("time"),
    ])
    for model in models {
      table.add(
        model.file.escapingControlCharacters, model.status,
        // Without an epoch nothing was measured.
        measured(model.testLoss).map { NumberFormat.fixed($0, decimals: 4) } ?? "",
        measured(model.testAccuracy).map { NumberFormat.percent($0) } ?? "",
        model.seconds.map { NumberFormat.seconds($0) } ?? "")
    }
    return table.text
  }
}
