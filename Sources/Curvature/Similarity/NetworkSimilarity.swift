import LinearAlgebra
public import ModelGraph
public import Networks
public import Support
public import Tensors

/// The similarities of networks on data: of layers' outputs, of logits, and of predictions, in one pass.
public struct NetworkSimilarity: Sendable {
  /// One network.
  public struct Member: Sendable {
    /// Its layers.
    public var graph: ModelGraph
    /// Its tensors.
    public var weights: Weights

    /// Names a network.
    public init(graph: ModelGraph, weights: Weights) {
      self.graph = graph
      self.weights = weights
    }
  }

  /// The layers, in the order asked for; the logits first where none was named.
  public var layers: [String]
  /// The similarities of each layer.
  public var matrices: [SimilarityMatrix]
  /// The share of examples on which two networks' largest outputs are the same, row by row.
  public var agreement: [Double]
  /// The number of networks.
  public var count: Int
  /// The number of examples.
  public var exampleCount: Int

  /// What the logits are called.
  public static let logits = "logits"

  /// Runs the networks on all examples.
  ///
  /// - Parameters:
  ///   - members: two networks or more; their architectures may differ.
  ///   - layers: names of layers that all of them have; `logits` is what they end with, before a
  ///     softmax or a sigmoid.
  ///   - dataset: the examples.
  ///   - batchSize: how many examples are compared with one another at once, about.
  /// - Throws: `Diagnostic` where a network cannot be run, has no such layer, or the data do not fit.
  /// - Complexity: a forward pass of every network, and `SimilarityMatrix.add` for every batch.
  public init(
    of members: [Member], layers: [String] = [logits], on dataset: Dataset,
    estimate: SimilarityMatrix.Estimate = .unbiased, measuresSVCCA: Bool = true,
    batchSize: Int = 512, jobs: Int? = nil, progress: ProgressHandler? = nil
  ) throws {
    precondition(members.count > 1 && !layers.isEmpty && batchSize > 3)
    guard dataset.count > 3 else {
      throw Diagnostic(.usage, "similarities need four examples, not \(dataset.count)")
    }
    let batchCount = max(1, min(dataset.count / 4, (dataset.count + batchSize - 1) / batchSize))
    var networks: [(network: Network, data: Dataset, names: [String])] = []
    for member in members {
      let names = try layers.map {
        $0 == Self.logits ? try member.graph.logitsLayer() : $0
      }
      let network = try Network(
        graph: member.graph, weights: member.weights, batchSize: min(128, batchSize),
        inputShape: member.graph.inputShape(for: dataset.exampleShape),
        captures: Array(Set(names + [try member.graph.logitsLayer()])).sorted(), jobs: jobs)
      networks.append(
        (network, try dataset.adapted(to: network.inputShape, for: member.graph), names))
    }
    var matrices = layers.map { _ in
      SimilarityMatrix(count: members.count, estimate: estimate, measuresSVCCA: measuresSVCCA)
    }
    var agreeing = Array(repeating: 0, count: members.count * members.count)
    for batch in 0..<batchCount {
      let range =
        batch * dataset.count / batchCount..<(batch + 1) * dataset.count / batchCount
      var features = layers.map { _ in [Matrix<Double>]() }
      var answers: [[Int]] = []
      for (index, (network, data, names)) in networks.enumerated() {
        let size = data.exampleSize
        let inputs = Array(data.examples[range.lowerBound * size..<range.upperBound * size])
        let captured = try network.capture(inputs, count: range.count)
        for (place, name) in names.enumerated() {
          guard let capture = captured[name] else { continue }
          features[place].append(
            Matrix(
              rows: range.count, columns: capture.values.count / range.count,
              values: capture.values.map { Double($0) }))
        }
        let logits = captured[try members[index].graph.logitsLayer()]?.values ?? []
        let width = logits.count / range.count
        answers.append(
          (0..<range.count).map { row in
            let values = logits[row * width..<(row + 1) * width]
            if width == 1 { return values.first.map { $0 > 0 ? 1 : 0 } ?? 0 }
            return values.indices.max { values[$0] < values[$1] }.map { $0 - row * width } ?? -1
          })
      }
      for place in layers.indices { try matrices[place].add(features[place], jobs: jobs) }
      for a in members.indices {
        for b in members.indices {
          agreeing[a * members.count + b] += zip(answers[a], answers[b]).count { $0 == $1 }
        }
      }
      progress?(ProgressUpdate("comparing", completed: batch + 1, total: batchCount))
    }
    self.layers = layers
    self.matrices = matrices
    agreement = agreeing.map { Double($0) / Double(dataset.count) }
    count = members.count
    exampleCount = dataset.count
  }
}

extension ModelGraph {
  /// The layer whose outputs are the logits: the last one, or what it reads where that is a softmax or a
  /// sigmoid.
  package func logitsLayer() throws -> String {
    guard var index = outputs.first, layers.indices.contains(index) else {
      throw Diagnostic(.badData, "the network has no output")
    }
    while [.activation(.softmax), .activation(.sigmoid), .activation(.linear)]
      .contains(layers[index].operation), let input = layers[index].inputs.first
    {
      index = input
    }
    return layers[index].name
  }
}
