import Phases
import Reports
import Support

/// What `wsl zoo scaling` says.
struct ZooScalingResult: Encodable {
  struct Bounds: Encodable {
    var low: FiniteNumber
    var high: FiniteNumber
  }

  struct HeldOut: Encodable {
    var models: Int
    var from: Double
    /// |log(told / true)|.
    var meanError: FiniteNumber
    var largestError: FiniteNumber
  }

  var index: String
  var x: String
  @OrNull var x2: String?
  var y: String
  var law: String
  var models: Int
  var parameters: [String: FiniteNumber]
  var intervals: [String: Bounds]
  /// The least and the largest of each constant where one value of x is left out.
  var sensitivity: [String: Bounds]
  @OrNull var heldOut: HeldOut?
  /// The root of the mean square of log(told / true).
  var error: FiniteNumber
  var warnings: [String]

  init(
    index: String, x: String, x2: String?, y: String, fit: ScalingFit, warnings: [String]
  ) {
    self.index = index
    self.x = x
    self.x2 = x2
    self.y = y
    law = fit.law.formula
    models = fit.models
    let names = fit.law.names
    parameters = zip(names, fit.constants).reduce(into: [:]) { $0[$1.0] = FiniteNumber($1.1) }
    intervals = zip(names, fit.intervals).reduce(into: [:]) { all, item in
      all[item.0] = item.1.map {
        Bounds(low: FiniteNumber($0.low), high: FiniteNumber($0.high))
      }
    }
    sensitivity = zip(names, fit.sensitivity).reduce(into: [:]) {
      $0[$1.0] = Bounds(low: FiniteNumber($1.1.low), high: FiniteNumber($1.1.high))
    }
    heldOut = fit.heldOut.map {
      HeldOut(
        models: $0.models, from: $0.from, meanError: FiniteNumber($0.meanError),
        largestError: FiniteNumber($0.largestError))
    }
    error = FiniteNumber(fit.error)
    self.warnings = warnings
  }

  var text: String {
    var table = TextTable([
      .text("constant"), .number("value"), .text("95 %"), .text("one size left out"),
    ])
    func range(_ bounds: Bounds?) -> String {
      bounds.map {
        NumberFormat.significant($0.low.value, digits: 4) + " to "
          + NumberFormat.significant($0.high.value, digits: 4)
      } ?? ""
    }
    for name in parameters.keys.sorted() {
      table.add(
        name, NumberFormat.significant(parameters[name]?.value ?? .nan, digits: 5),
        range(intervals[name]), range(sensitivity[name]))
    }
    var lines = [
      "\(y) = \(law) of \(models) models".escapingControlCharacters, table.text,
      "error: \(NumberFormat.percent(error.value, decimals: 2))",
    ]
    if let heldOut {
      lines.append(
        "fitted without the \(heldOut.models) models from \(x) "
          + "\(NumberFormat.significant(heldOut.from)) up, it misses them by "
          + "\(NumberFormat.percent(heldOut.meanError.value, decimals: 2)) on average, by "
          + "\(NumberFormat.percent(heldOut.largestError.value, decimals: 2)) at most")
    }
    return lines.joined(separator: "\n")
  }
}

extension ZooScalingResult: TabularResult {
  /// A row a constant of the law.
  var table: ResultTable {
    ResultTable(
      ["constant", "value", "low", "high"],
      parameters.keys.sorted().map { name in
        [
          .text(name), .number(parameters[name]), .number(intervals[name]?.low),
          .number(intervals[name]?.high),
        ]
      })
  }
}
