import LinearAlgebra
import ModelGraph

/// Inputs for a network that nobody gave data for.
enum RandomInputs {
  /// Examples with normal features, or with tokens of the vocabulary where an input goes into an
  /// embedding. Several inputs stand one after another in each example.
  ///
  /// - Parameter openLength: the length of axes that the graph leaves to the data.
  static func make(
    _ graph: ModelGraph, openLength: Int, exampleCount: Int, using generator: inout SeededGenerator
  ) -> [Float] {
    let parts = graph.layers.indices.filter { graph.layers[$0].operation == .input }
      .map { (graph.inputShape(at: $0, openLength: openLength), graph.vocabularySize(at: $0)) }
    var result: [Float] = []
    for _ in 0..<exampleCount {
      for (shape, vocabulary) in parts {
        for _ in 0..<shape.reduce(1, *) {
          result.append(
            vocabulary.map { Float(Int(generator.uniform() * Double($0))) }
              ?? Float(generator.normal()))
        }
      }
    }
    return result
  }
}

extension ModelGraph {
  /// The shape of one example of the only input, with a length in place of those that only the data
  /// decide; nil where there are several inputs.
  func inputShape(openLength: Int) -> [Int]? {
    let inputs = layers.indices.filter { layers[$0].operation == .input }
    return inputs.count == 1 ? inputShape(at: inputs[0], openLength: openLength) : nil
  }

  fileprivate func inputShape(at input: Int, openLength: Int) -> [Int] {
    layers[input].outputShape.map { $0 ?? openLength }
  }

  /// The number of tokens, where an embedding takes the input.
  fileprivate func vocabularySize(at input: Int) -> Int? {
    for layer in layers where layer.inputs.contains(input) {
      if case .embedding(let vocabulary, _, _) = layer.operation { return vocabulary }
    }
    return nil
  }
}
