import ModelGraph
import Support
import Testing
import WeightFiles

@testable import Networks

/// The outputs of layers inside a network.
@Suite struct CaptureTests {
  /// Layers that are fused when nobody looks, a layout that is not the model's, several batches of
  /// which the last is not full, two threads.
  @Test(arguments: [ModelGraph.ChannelOrder.last, .first])
  func `captures agree with the reference`(_ order: ModelGraph.ChannelOrder) throws {
    var maker = GraphMaker(order)
    let input = try maker.input(order == .last ? [6, 5, 3] : [3, 6, 5])
    var last = try maker.convolution(16, [3, 3], input)
    last = try maker.batchNormalization(last)
    last = try maker.add(.activation(.relu), last)
    last = try maker.dense(4, maker.add(.flatten, last))
    last = try maker.add(.activation(.tanh), last)
    let graph = try maker.graph(last)
    let weights = randomWeights(graph, seed: 11)
    let reference = ReferenceInterpreter(
      graph: graph, weights: weights.mapValues(ReferenceTensor.init))
    let inputs = OperationCase(name: "", make: { graph })
      .inputs(count: 7, shape: [90], seed: 12)
    let plain = try Network(graph: graph, weights: weights, batchSize: 3, jobs: 2)
    let expected = reference.run(
      ReferenceTensor(shape: [7] + plain.inputShape, values: inputs.map(Double.init)))
    // Each alone, so that what is fused differs; then all together.
    let names = graph.layers.map(\.name)
    for captures in names.map({ [$0] }) + [names] {
      let network = try Network(
        graph: graph, weights: weights, batchSize: 3, captures: captures, jobs: 2)
      let found = try network.capture(inputs, count: 7)
      #expect(found.keys.sorted() == captures.sorted())
      for (index, name) in names.enumerated() where captures.contains(name) {
        let capture = try #require(found[name])
        #expect([7] + capture.shape == expected[index].shape)
        // As for single operations: some ten times what rounding gives.
        expectClose(capture.values.map(Double.init), expected[index].values, 2e-5)
      }
      #expect(try network.forward(inputs, count: 7) == plain.forward(inputs, count: 7))
    }
  }

  @Test func `unknown layers and wrong counts are refused`() throws {
    var maker = GraphMaker(.last)
    let last = try maker.dense(2, maker.input([3]))
    let graph = try maker.graph(last)
    let weights = randomWeights(graph, seed: 1)
    let error = #expect(throws: Diagnostic.self) {
      try Network(graph: graph, weights: weights, captures: ["nowhere"])
    }
    #expect(error?.description.contains("nowhere") == true)
    let network = try Network(graph: graph, weights: weights, captures: [graph.layers[1].name])
    #expect(throws: Diagnostic.self) { try network.capture([1, 2], count: 1) }
    #expect(try network.capture([], count: 0).values.allSatisfy(\.values.isEmpty))
  }
}

@Suite("Networks whose input leaves lengths open")
struct OpenInputTests {
  @Test(
    "data of any usual shape fill them",
    arguments: [
      ([1, nil, nil], [8, 8, 1], [1, 8, 8]), ([1, nil, nil], [8, 8], [1, 8, 8]),
      ([1, nil, nil], [1, 8, 8], [1, 8, 8]), ([3, nil, nil], [32, 30, 3], [3, 32, 30]),
      ([3, nil, nil], [3, 32, 30], [3, 32, 30]),
    ] as [([Int?], [Int], [Int])])
  func channelsFirst(open: [Int?], data: [Int], expected: [Int]) {
    let graph = ModelGraph(
      source: "test", channelOrder: .first,
      layers: [Layer(name: "x", operation: .input, inputs: [], outputShape: open)], outputs: [0])
    #expect(graph.inputShape(for: data) == expected)
  }
}
