import LinearAlgebra
import Networks
import Support
import ZooIndex

extension HessianMetric.Examples {
  /// What tells these examples from others: a part of settings.
  var summary: String { "\(name) \(training.count) \(test.count)" }
}

extension IndexValue {
  /// A number that is finite; none of others, nor of none.
  static func finite(_ value: Double?) -> IndexValue {
    value.flatMap { $0.isFinite ? .real($0) : nil } ?? .null
  }
}

extension [MetricResult.Row] {
  /// The mean of each column over the rows that have it.
  func means(_ columns: [String]) -> [String: IndexValue] {
    var means: [String: IndexValue] = [:]
    for (place, column) in columns.enumerated() {
      let values = compactMap { $0.values[place].number }
      means[column] = .finite(values.mean)
    }
    return means
  }
}

extension ZooCells {
  /// Refuses a model that is alone in its cell.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  func requireOthers(of model: Int64) throws {
    guard others(of: model).isEmpty else { return }
    throw Diagnostic(
      .badData,
      "it is the only model of its cell of \(axes): there is no other start to pair it with"
    )
  }
}
