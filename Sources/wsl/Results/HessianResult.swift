import Curvature
import Foundation
import Networks
import Reports
import Support
import Workbench

/// What `wsl hessian` says: the measures of the first split, and of each where there are several.
struct HessianResult: Encodable {
  struct Density: Encodable {
    /// Where the smoothed density is given, and its standard errors.
    var points: [Double]
    var density: [FiniteNumber]
    var errors: [FiniteNumber]
    var smoothing: Double
    /// The quadrature itself: all nodes and their weights, which sum to 1.
    var nodes: [Double]
    var weights: [Double]
    var vectors: Int
    var steps: Int
  }

  struct Measures: Encodable {
    var split: String
    var examples: Int
    var loss: Double
    /// The number of weights that are differentiated by, and their tensors.
    var parameters: Int
    var tensors: [String]
    var statistics: String
    var topEigenvalues: [Double]
    /// Each eigenvalue is at most so far from one of the Hessian.
    var residuals: [Double]
    var smallestRitzValue: Double
    var trace: Double
    /// The standard error of the trace; null where a single random vector was allowed.
    var traceError: FiniteNumber
    var traceMethod: String
    var traceSamples: Int
    /// Whether the eigenvalues and the trace met their tolerances.
    var converged: Bool
    var products: Int
    var density: Density?
  }

  var file: String
  var data: String
  var seed: UInt64
  var normalization: NormalizationRecord?
  /// A row a split, where both were asked for.
  var splits: [Measures] = []
  var warnings: [String] = []

  init(file: String, data: String, seed: UInt64) {
    self.file = file
    self.data = data
    self.seed = seed
  }

  mutating func add(
    _ measures: HessianMeasures, of hessian: LossHessian, split: String,
    statistics: LossHessian.Normalization
  ) {
    let (top, trace) = (measures.top, measures.trace)
    splits.append(
      Measures(
        split: split, examples: hessian.exampleCount, loss: hessian.loss,
        parameters: hessian.dimension, tensors: hessian.parameters.map(\.name),
        statistics: statistics.rawValue, topEigenvalues: top.values, residuals: top.residuals,
        smallestRitzValue: top.smallest, trace: trace.value,
        traceError: FiniteNumber(trace.error), traceMethod: trace.method.rawValue,
        traceSamples: trace.samples, converged: top.hasConverged && trace.hasConverged,
        products: top.products + trace.products + (measures.density?.products ?? 0),
        density: measures.density.map(Density.init)))
    if !top.hasConverged {
      warnings.append(
        "the largest eigenvalues on \(split) are not settled after \(top.products) products: see "
          + "their residuals")
    }
    if !trace.hasConverged {
      warnings.append(
        "the trace on \(split) has a standard error above --tolerance: allow more --products")
    }
  }

  private enum Key: String, CodingKey {
    case file, data, seed, normalization, splits, warnings
  }

  func encode(to encoder: any Encoder) throws {
    try splits.first?.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(file, forKey: .file)
    try container.encode(data, forKey: .data)
    try container.encode(seed, forKey: .seed)
    try container.encodeIfPresent(normalization, forKey: .normalization)
    if splits.count > 1 { try container.encode(splits, forKey: .splits) }
    try container.encode(warnings, forKey: .warnings)
  }

  /// The result for a person.
  var text: String {
    splits.map { measures in
      var table = TextTable([.text("eigenvalue"), .number(""), .number("residual")])
      for (index, value) in measures.topEigenvalues.enumerated() {
        table.add(
          "\(index + 1)", NumberFormat.significant(value),
          NumberFormat.significant(measures.residuals[index], digits: 2))
      }
      let error = NumberFormat.significant(measures.traceError.value, digits: 2)
      return """
        \(NumberFormat.grouped(measures.examples)) \(measures.split) examples of \
        \(data.escapingControlCharacters), \(NumberFormat.grouped(measures.parameters)) weights, loss \
        \(NumberFormat.significant(measures.loss))

        """ + table.text + """

          trace \(NumberFormat.significant(measures.trace)) ± \(error) (\(measures.traceMethod), \
          \(measures.products) products in all)
          """
    }.joined(separator: "\n\n")
  }
}

extension HessianResult.Density {
  fileprivate init(_ density: SpectralDensity) {
    points = density.points
    self.density = density.density.map(FiniteNumber.init)
    errors = density.errors.map(FiniteNumber.init)
    smoothing = density.smoothing
    nodes = density.nodes
    weights = density.weights
    vectors = density.vectors
    steps = density.steps
  }
}

extension HessianResult: TabularResult {
  /// A row an eigenvalue of a split.
  var table: ResultTable {
    ResultTable(
      ["file", "split", "index", "eigenvalue", "residual", "trace", "traceError"],
      splits.flatMap { measures in
        zip(measures.topEigenvalues, measures.residuals).enumerated().map { index, pair in
          [
            .text(file), .text(measures.split), .count(index + 1), .number(pair.0),
            .number(pair.1), .number(measures.trace), .number(measures.traceError),
          ]
        }
      })
  }
}
