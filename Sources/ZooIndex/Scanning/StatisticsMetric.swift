import Catalogs
public import LinearAlgebra
import Tensors
import WeightFiles

/// Statistics of every tensor: moments, quantiles, and what is odd.
///
/// The columns hold the seven numbers of the three published conventions (`StatisticsConvention`).
/// Elements that are no numbers or infinite are counted and left out of the rest.
public struct StatisticsMetric: Metric {
  /// Makes the metric.
  public init() {}

  /// Its columns.
  public var description: MetricDescription {
    MetricDescription(
      name: "statistics", settings: "1",
      columns: [
        "elements", "mean", "std", "var", "var_unbiased", "kurtosis", "q00", "q01", "q25", "q50",
        "q75", "q99", "q100", "sparsity", "nan", "inf", "constant", "bf16",
      ])
  }

  /// Measures every tensor of floating-point numbers.
  public func measure(_ model: ScannedModel) throws -> MetricResult {
    var rows: [MetricResult.Row] = []
    var totals = (elements: 0, zeros: 0, odd: 0, constant: 0, narrow: 0)
    for entry in model.weights {
      let summary = try model.summary(of: entry)
      let isNarrow = entry.elementType == .float32 && summary.fitsBFloat16 && !summary.isConstant
      totals.elements += summary.count
      totals.zeros += summary.zeros
      totals.odd += summary.notANumber + summary.infinite
      totals.constant += summary.isConstant ? 1 : 0
      totals.narrow += isNarrow ? 1 : 0
      rows.append(
        MetricResult.Row(name: entry.name, values: values(of: summary, isNarrow: isNarrow)))
    }
    return MetricResult(
      rows: rows,
      summary: [
        "sparsity": .real(Double(totals.zeros) / Double(max(1, totals.elements))),
        "nonfinite": .integer(Int64(totals.odd)), "constant": .integer(Int64(totals.constant)),
        "bf16": .integer(Int64(totals.narrow)),
      ])
  }

  private func values(of summary: TensorSummary, isNarrow: Bool) -> [IndexValue] {
    let moments = [
      summary.mean, summary.variance.squareRoot(), summary.variance, summary.unbiasedVariance,
      summary.kurtosis,
    ]
    let quantiles = TensorSummary.probabilities.map(summary.quantile)
    let sparsity = Double(summary.zeros) / Double(max(1, summary.count))
    return [.integer(Int64(summary.count))]
      + (moments + quantiles + [sparsity]).map(IndexValue.init(finite:))
      + [summary.notANumber, summary.infinite, summary.isConstant ? 1 : 0, isNarrow ? 1 : 0].map {
        .integer(Int64($0))
      }
  }
}

extension IndexValue {
  /// A number, or nothing where it is not finite.
  package init(finite number: Double) { self = number.isFinite ? .real(number) : .null }
}

/// Which seven numbers of a tensor are its features, as published.
public enum StatisticsConvention: String, Sendable, CaseIterable {
  /// Unterthiner et al. 2020: the quantiles 0, 25, 50, 75, 100 per cent, then the standard deviation
  /// (division by n) and the mean.
  case minmax
  /// The StatNN of Zhou et al. 2023: mean, variance (division by n - 1), the same quantiles.
  case statnn
  /// Schürholt et al. 2021: mean, variance (division by n), the quantiles 1, 25, 50, 75, 99 per cent.
  case p01

  /// The columns of `statistics`, in the convention's order.
  public var columns: [String] {
    switch self {
    case .minmax: ["q00", "q25", "q50", "q75", "q100", "std", "mean"]
    case .statnn: ["mean", "var_unbiased", "q00", "q25", "q50", "q75", "q100"]
    case .p01: ["mean", "var", "q01", "q25", "q50", "q75", "q99"]
    }
  }

  /// The seven numbers of a tensor.
  public func numbers(of summary: TensorSummary) -> [Double] {
    let quantiles = [0, 0.25, 0.5, 0.75, 1].map(summary.quantile)
    return switch self {
    case .minmax: quantiles + [summary.variance.squareRoot(), summary.mean]
    case .statnn: [summary.mean, summary.unbiasedVariance] + quantiles
    case .p01:
      [summary.mean, summary.variance] + [0.01, 0.25, 0.5, 0.75, 0.99].map(summary.quantile)
    }
  }
}
