import ModelGraph
import Tensors
import Testing

@testable import Networks

/// Every operation against the plain Float64 interpreter.
@Suite struct OperationTests {
  @Test(arguments: OperationCase.all)
  func `forward agrees with the reference`(_ operation: OperationCase) throws {
    try operation.checkForward()
  }

  @Test(arguments: OperationCase.all.filter(\.isTrainable))
  func `gradients agree with finite differences`(_ operation: OperationCase) throws {
    try operation.checkGradients()
  }
}

/// The operations of sequences against the same interpreter.
@Suite struct SequenceOperationTests {
  @Test(arguments: OperationCase.ofSequences)
  func `forward agrees with the reference`(_ operation: OperationCase) throws {
    try operation.checkForward()
  }

  @Test(arguments: OperationCase.ofSequences.filter(\.isTrainable))
  func `gradients agree with finite differences`(_ operation: OperationCase) throws {
    try operation.checkGradients()
  }
}

extension OperationCase {
  /// Sums of at most a few hundred products of numbers of size 1 in Float32: 2e-5 of the largest
  /// output is some ten times what rounding gives.
  private var tolerance: Double { 2e-5 }

  func checkForward() throws {
    let operation = self
    let graph = try operation.make()
    let weights = randomWeights(graph, seed: 5)
    let network = try Network(graph: graph, weights: weights, batchSize: 4, jobs: 1)
    // Seven examples in batches of four: the last batch is not full.
    let inputs = operation.inputs(count: 7, shape: network.inputShape, seed: 6)
    let outputs = try network.forward(inputs, count: 7)

    let reference = ReferenceInterpreter(
      graph: graph, weights: weights.mapValues(ReferenceTensor.init))
    let layers = reference.run(
      ReferenceTensor(shape: [7] + network.inputShape, values: inputs.map(Double.init)))
    let expected = layers[graph.outputs[0]]
    #expect(network.outputShape == Array(expected.shape.dropFirst()))
    expectClose(outputs.map(Double.init), expected.values, tolerance)
  }

  /// Central differences of the Float64 reference, at a step of 1e-5, are exact to 1e-9; the
  /// gradient of the module is Float32, with sums of up to a few hundred terms, some of which cancel
  /// (batch normalisation): 1e-4 of the largest entry.
  func checkGradients() throws {
    let operation = self
    let graph = try operation.make()
    let weights = randomWeights(graph, seed: 7)
    let store = try ParameterStore(isTrained: true)
    let isInteger = if case .integers = operation.input { true } else { false }
    let program = try Program(
      graph: graph, batchSize: 3,
      options: ProgramOptions(isTraining: true, needsInputGradient: !isInteger), store: store)
    try store.load(weights)
    let inputs = operation.inputs(count: 3, shape: program.inputShape, seed: 8)
    _ = program.inputs.update(fromContentsOf: inputs)
    try program.prepareWeights()
    try program.forward()
    // The loss is a fixed random combination of the outputs.
    let direction = OperationCase(name: "", make: operation.make)
      .inputs(count: 3, shape: program.outputShape, seed: 9)
    _ = program.outputGradients.update(fromContentsOf: direction)
    try program.backward()

    var reference = ReferenceInterpreter(
      graph: graph, weights: weights.mapValues(ReferenceTensor.init), isTraining: true)
    for (index, layer) in graph.layers.enumerated() {
      guard case .dropout(let rate) = layer.operation else { continue }
      // The same choice of elements as the run's, whose seed is 0.
      let ones = Array(
        repeating: Float(1), count: 3 * layer.outputShape.reduce(1) { $0 * ($1 ?? 1) })
      var factors = ones
      DropoutMask(rate: rate, stream: UInt64(index))
        .apply(ones, into: &factors, count: ones.count, seed: 0)
      #expect(factors.contains(0) && factors.contains { $0 != 0 })
      reference.dropoutFactors[layer.name] = factors.map(Double.init)
    }
    var source = ReferenceTensor(
      shape: [3] + program.inputShape, values: inputs.map(Double.init))
    expectClose(
      Array(program.outputs).map(Double.init), reference.run(source)[graph.outputs[0]].values,
      1e-4)
    func loss() -> Double {
      let output = reference.run(source)[graph.outputs[0]]
      return zip(output.values, direction).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    func difference(_ nudge: (Double) -> Void) -> Double {
      let step = 1e-5
      nudge(step)
      let above = loss()
      nudge(-2 * step)
      let below = loss()
      nudge(step)
      return (above - below) / (2 * step)
    }
    func compare(_ found: [Float], _ what: String, _ nudge: (Int, Double) -> Void) {
      let places = Array(stride(from: 0, to: found.count, by: max(1, found.count / 5)))
      let expected = places.map { place in difference { nudge(place, $0) } }
      let size = found.reduce(0) { max($0, abs(Double($1))) }
      for (place, value) in zip(places, expected) {
        #expect(
          abs(Double(found[place]) - value) <= 1e-4 * max(1, size),
          "\(what)[\(place)]: \(found[place]), not \(value)")
      }
    }
    for (name, gradient) in try store.gradients().sorted(by: { $0.key < $1.key }) {
      compare(gradient.values, name) { reference.weights[name]?.values[$0] += $1 }
    }
    if !isInteger {
      compare(Array(program.inputGradients), "input") { source.values[$0] += $1 }
    }
  }
}

extension ReferenceTensor {
  init(_ tensor: Tensor) { self.init(shape: tensor.shape, values: tensor.values.map(Double.init)) }
}

/// Checks that two lists agree to a share of the largest entry.
func expectClose(
  _ found: [Double], _ expected: [Double], _ tolerance: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard found.count == expected.count else {
    Issue.record("\(found.count) numbers, not \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  let size = max(1, expected.reduce(0) { max($0, abs($1)) })
  let worst = zip(found, expected).map { $0.isNaN ? .infinity : abs($0 - $1) }.max() ?? 0
  #expect(worst <= tolerance * size, "off by \(worst)", sourceLocation: sourceLocation)
}
