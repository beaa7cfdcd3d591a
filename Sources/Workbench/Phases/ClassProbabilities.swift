import Catalogs
import Foundation
import ModelGraph
import Networks
import Support
import Tensors
import WeightFiles
import ZooIndex

/// What a network says of the classes of examples, as probabilities.
struct ClassProbabilities {
  /// The probabilities of the classes, an example after the other.
  var values: [Float]
  /// What the file does not say of its network.
  var assumptions: [Assumption]

  /// Runs a model of an index.
  ///
  /// Outputs behind a softmax are taken as they are, others go through one. Outputs behind a sigmoid for
  /// each class are taken as they are; of one output for two classes, the probability of the second is the
  /// output behind a sigmoid.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the network cannot be run, tells other classes apart
  ///   than the data have, or has outputs that are not finite.
  init(of model: ScannedModel, named name: String, on data: Dataset, jobs: Int?) throws {
    self = try model.withNetwork { graph, weights in
      try Self(
        LoadedModel(path: name, file: model.file, graph: graph, weights: weights), on: data,
        jobs: jobs)
    }
  }

  private init(_ loaded: LoadedModel, on data: Dataset, jobs: Int?) throws {
    let (graph, weights) = (loaded.graph, loaded.weights)
    guard weights.values.allSatisfy({ $0.firstNonFinite == nil }) else {
      throw Diagnostic(.badData, "a weight is not finite")
    }
    if let own = loaded.classes, own.count != data.classCount {
      throw Diagnostic(
        .badData, "it tells \(own.count) of the \(data.classCount) classes of the data apart")
    }
    let network = try Network(
      graph: graph, weights: weights, inputShape: graph.inputShape(for: data.exampleShape),
      jobs: jobs)
    let examples = try data.adapted(to: network.inputShape, for: graph)
    let outputs = try network.forward(examples.examples, count: examples.count)
    guard outputs.allSatisfy(\.isFinite) else {
      throw Diagnostic(.badData, "some of its outputs are not finite")
    }
    let size = network.outputShape.reduce(1, *)
    values = try Self.probabilities(
      outputs, size: size, final: graph.finalActivation, classes: data.classCount)
    assumptions = graph.assumptions
  }

  /// The probabilities of outputs, by the activation that they come from.
  static func probabilities(
    _ outputs: [Float], size: Int, final: Activation?, classes: Int
  ) throws -> [Float] {
    if size == 1, classes == 2, final != .softmax {
      return outputs.flatMap { output -> [Float] in
        let share = final == .sigmoid ? output : Float(1 / (1 + exp(-Double(output))))
        return [1 - share, share]
      }
    }
    guard size == classes else {
      throw Diagnostic(.badData, "it has \(size) outputs, and the data \(classes) classes")
    }
    if final == .softmax || final == .sigmoid { return outputs }
    return stride(from: 0, to: outputs.count, by: size).flatMap { start -> [Float] in
      let row = outputs[start..<start + size].map(Double.init)
      let top = row.max() ?? 0
      let powers = row.map { exp($0 - top) }
      let sum = powers.reduce(0, +)
      return powers.map { Float($0 / sum) }
    }
  }
}
