import LinearAlgebra
import ModelGraph

/// Inputs for a network that nobody gave data for.
enum RandomInputs {
  /// Examples with normal features, or with tokens of the vocabulary where the network begins with
  /// an embedding.
  static func make(
    _ graph: ModelGraph, shape: [Int], exampleCount: Int, using generator: inout SeededGenerator
  ) -> [Float] {
    let count = exampleCount * shape.reduce(1, *)
    guard let vocabulary = graph.vocabularySize else {
      return (0..<count).map { _ in Float(generator.normal()) }
    }
    return (0..<count).map { _ in Float(Int(generator.uniform() * Double(vocabulary))) }
  }
}

extension ModelGraph {
  /// The shape of one example, with a length in place of those that only the data decide.
  func inputShape(openLength: Int) -> [Int] {
    let input = layers.first { $0.operation == .input }
    return (input?.outputShape ?? []).map { $0 ?? openLength }
  }

  /// The number of tokens, where an embedding takes the input.
  fileprivate var vocabularySize: Int? {
    for layer in layers {
      guard case .embedding(let vocabulary, _, _) = layer.operation,
        layer.inputs.contains(where: { layers[$0].operation == .input })
      else { continue }
      return vocabulary
    }
    return nil
  }
}
