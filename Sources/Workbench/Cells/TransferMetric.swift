import Catalogs
import Curvature
import LinearAlgebra
import ModelGraph
import Networks
import Support
import Tensors
import WeightFiles
public import ZooIndex

/// How well every model's features serve other data: the accuracy of a linear probe on what its last hidden
/// layer makes of them, fitted to their training examples and tested on their test examples. The network
/// itself stays as it is.
public struct TransferMetric: Metric {
  private let examples: HessianMetric.Examples

  /// Makes the metric.
  ///
  /// - Parameter examples: the other data; the name is that by which they are told from others.
  public init(_ examples: HessianMetric.Examples) { self.examples = examples }

  /// Its settings name the data.
  public var description: MetricDescription {
    MetricDescription(
      name: "transfer", settings: "1 \(examples.summary)", columns: ["examples", "accuracy"])
  }

  /// The network is run.
  public var needsGraph: Bool { true }

  /// Measures a model; a row a part of the data.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the data have no classes, the network cannot be run, ends in
  ///   no dense layer or has too wide a last layer, a weight is not finite, or the data do not fit.
  public func measure(_ model: ScannedModel) throws -> MetricResult {
    try model.withNetwork(copies: 2) { graph, weights in
      let path = model.file.catalog.file
      if let broken = BrokenElement(in: weights, of: path) { throw broken.diagnostic }
      return try measure(graph, weights)
    }
  }

  private func measure(_ graph: ModelGraph, _ weights: Weights) throws -> MetricResult {
    let classCount = max(examples.training.classCount, examples.test.classCount)
    guard classCount > 1, examples.training.count > 1, examples.test.count > 0 else {
      throw Diagnostic(.badData, "a probe of transfer needs data of two classes or more")
    }
    let name = try graph.headInput()
    let network = try Network(
      graph: graph, weights: weights,
      inputShape: graph.inputShape(for: examples.training.exampleShape), captures: [name], jobs: 1)
    let training = try examples.training.adapted(to: network.inputShape, for: graph)
    let test = try examples.test.adapted(to: network.inputShape, for: graph)
    var probe: LinearProbe?
    try forEach(training, through: network, name) { features, labels in
      var own = probe ?? LinearProbe(width: features.columns, classCount: classCount)
      own.add(features, labels: labels)
      probe = own
    }
    guard let fitted = try probe?.fitted() else { return MetricResult(rows: []) }
    var result = MetricResult(rows: [])
    for (part, key, data) in [
      ("training", "trainAccuracy", training), ("test", "accuracy", test),
    ] {
      var right = 0
      try forEach(data, through: network, name) { features, labels in
        right += fitted.correct(features, labels: labels)
      }
      let accuracy = Double(right) / Double(data.count)
      result.rows.append(
        MetricResult.Row(name: part, values: [.integer(Int64(data.count)), .finite(accuracy)]))
      result.summary[key] = .finite(accuracy)
    }
    return result
  }

  private func forEach(
    _ data: Dataset, through network: Network, _ name: String,
    _ body: (Matrix<Double>, ArraySlice<Int32>) throws -> Void
  ) throws {
    let size = data.exampleSize
    for start in stride(from: 0, to: data.count, by: 512) {
      let range = start..<min(data.count, start + 512)
      let captured = try network.capture(
        Array(data.examples[range.lowerBound * size..<range.upperBound * size]),
        count: range.count)
      guard let values = captured[name]?.values, !values.isEmpty else {
        throw Diagnostic(.badData, "the last hidden layer has no output", at: [name])
      }
      let width = values.count / range.count
      guard width <= LinearProbe.widest else {
        throw Diagnostic(
          .badData,
          "it gives \(width) numbers, and a probe of transfer takes \(LinearProbe.widest)",
          at: [name])
      }
      try body(
        Matrix(rows: range.count, columns: width, values: values.map(Double.init)),
        data.labels[range])
    }
  }
}

extension ModelGraph {
  /// The layer whose outputs the last dense layer reads.
  fileprivate func headInput() throws -> String {
    let logits = try logitsLayer()
    guard let head = layers.first(where: { $0.name == logits }), case .dense = head.operation,
      let input = head.inputs.first
    else {
      throw Diagnostic(
        .badData,
        "the network ends in no dense layer, which a probe of transfer would take the place of",
        at: [logits])
    }
    return layers[input].name
  }
}
