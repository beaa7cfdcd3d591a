import Catalogs
import LinearAlgebra
import WeightFiles

/// Norms of every tensor, of its finite elements: the sum and the largest of the absolute values, the
/// Euclidean norm, and the root of the mean square.
public struct NormsMetric: Metric {
  /// Makes the metric.
  public init() {}

  /// Its columns.
  public var description: MetricDescription {
    MetricDescription(name: "norms", settings: "1", columns: ["l1", "l2", "linf", "rms"])
  }

  /// Measures every tensor of floating-point numbers.
  public func measure(_ model: ScannedModel) throws -> MetricResult {
    var rows: [MetricResult.Row] = []
    var (sum, squares, largest) = (0.0, 0.0, 0.0)
    for entry in model.weights {
      let summary = try model.summary(of: entry)
      let peak = max(abs(summary.quantile(0)), abs(summary.quantile(1)))
      sum += summary.absoluteSum
      squares += summary.squareSum
      if peak.isFinite { largest = max(largest, peak) }
      let values = [
        summary.absoluteSum, summary.squareSum.squareRoot(), peak,
        (summary.squareSum / Double(summary.finiteCount)).squareRoot(),
      ]
      rows.append(MetricResult.Row(name: entry.name, values: values.map(IndexValue.init(finite:))))
    }
    return MetricResult(
      rows: rows,
      summary: [
        "l1": .real(sum), "l2": .real(squares.squareRoot()), "linf": .real(largest),
      ])
  }
}
