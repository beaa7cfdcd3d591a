public import Curvature
import ModelGraph
public import Networks
import Tensors
import Support

/// The second derivatives of every model's loss on data: the largest eigenvalues and the trace, with the
/// loss and the accuracy beside them.
public struct HessianMetric: Metric {
  /// What a model is measured on.
  public struct Examples: Sendable {
    /// What the data are called: a part of the settings, so that other data are measured anew.
    public var name: String
    /// The examples of the loss that is differentiated.
    public var training: Dataset
    /// Examples for the accuracy.
    public var test: Dataset

    /// Names examples.
    public init(name: String, training: Dataset, test: Dataset) {
      self.name = name
      self.training = training
      self.test = test
    }
  }

  private let examples: Examples
  private let options: HessianOptions

  /// Makes the metric.
  public init(_ examples: Examples, options: HessianOptions = HessianOptions()) {
    self.examples = examples
    self.options = options
  }

  /// Its settings name the data and how many examples of them are used.
  public var description: MetricDescription {
    MetricDescription(
      name: "hessian",
      settings: "1 \(examples.name) \(examples.training.count) \(examples.test.count) "
        + "\(options.top) \(options.seed)",
      columns: ["value", "residual"])
  }

  /// The network is run.
  public var needsGraph: Bool { true }

  /// Measures a model; a row an eigenvalue.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the network cannot be run or differentiated twice, or
  ///   the data do not fit.
  public func measure(_ model: ScannedModel) throws -> MetricResult {
    try model.withNetwork(copies: 4) { graph, weights in try measure(graph, weights) }
  }

  private func measure(_ graph: ModelGraph, _ weights: Weights) throws -> MetricResult {
    let hessian = try LossHessian(
      graph: graph, weights: weights, dataset: examples.training, memoryLimit: 256 << 20, jobs: 1)
    var options = options
    options.densityVectors = 0
    let measures = try HessianMeasures(of: hessian, options: options)
    let test = try Evaluator(graph: graph, dataset: examples.test, jobs: 1).evaluate(weights)
    let training = try Evaluator(graph: graph, dataset: examples.training, jobs: 1)
      .evaluate(weights)
    func real(_ value: Double) -> IndexValue { value.isFinite ? .real(value) : .null }
    return MetricResult(
      rows: zip(measures.top.values, measures.top.residuals).enumerated().map { index, pair in
        MetricResult.Row(name: "\(index + 1)", values: [real(pair.0), real(pair.1)])
      },
      summary: [
        "topEigenvalue": real(measures.top.values[0]), "trace": real(measures.trace.value),
        "traceError": real(measures.trace.error), "trainLoss": real(training.loss),
        "trainAccuracy": real(training.accuracy), "testLoss": real(test.loss),
        "testAccuracy": real(test.accuracy),
      ])
  }
}
