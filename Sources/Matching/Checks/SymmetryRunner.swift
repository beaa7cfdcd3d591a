import LinearAlgebra
import ModelGraph
import Networks
import Tensors

/// A network with random inputs, run again and again with other weights.
struct SymmetryRunner {
  private let network: Network
  private let inputs: [Float]
  private let expected: [Float]
  private let exampleCount: Int

  /// Runs the network as it is.
  ///
  /// - Throws: `Diagnostic` where the network cannot be run.
  init(
    _ graph: ModelGraph, weights: Weights, seed: UInt64, exampleCount: Int, sequenceLength: Int
  ) throws {
    let shape = graph.inputShape(openLength: sequenceLength)
    network = try Network(
      graph: graph, weights: weights, batchSize: exampleCount, inputShape: shape, jobs: 1)
    var generator = SeededGenerator(seed: seed).derived(.max)
    inputs = RandomInputs.make(
      graph, openLength: sequenceLength, exampleCount: exampleCount, using: &generator)
    expected = try network.forward(inputs, count: exampleCount)
    self.exampleCount = exampleCount
  }

  /// Runs it with other weights and compares the outputs.
  func measure(_ name: String, _ size: Int, _ weights: Weights) throws -> SymmetryCheck.Group {
    try network.load(weights)
    let outputs = try network.forward(inputs, count: exampleCount)
    let scale = Double(expected.reduce(0) { max($0, abs($1)) })
    let largest = zip(expected, outputs).reduce(0.0) { worst, pair in
      let distance = abs(Double(pair.0) - Double(pair.1))
      return distance.isNaN ? .infinity : max(worst, distance)
    }
    let relative = largest == 0 ? 0 : largest / scale
    return SymmetryCheck.Group(
      name: name, size: size, difference: relative,
      isSymmetry: relative <= SymmetryCheck.tolerance)
  }
}
