import Catalogs
public import Curvature
import ModelGraph
public import Networks
import Tensors
import WeightFiles
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
    var catalog = model.file.catalog
    catalog.tensors = model.entries
    do {
      let graph = try ModelGraph(catalog)
      let entries = Dictionary(
        model.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      let wanted = try graph.parameters.map(\.tensor).map {
        try entries[$0] ?? model.file.entry(named: $0)
      }
      return try model.with(wanted, copies: 4) { tensors in
        let weights = Dictionary(
          zip(wanted.map(\.name), tensors), uniquingKeysWith: { first, _ in first })
        return try measure(graph, weights)
      }
    } catch let error as Diagnostic where error.code == .usage {
      // Not a mistake of the user: this model cannot be measured, whatever is asked.
      throw Diagnostic(.badData, error.message, at: error.location, remedy: error.remedy)
    }
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
