import ModelGraph
import Support
import Tensors
import Testing

@testable import Networks

/// NaN in a network is an answer: no layer makes a number of it.
///
/// Tried of the kind: every activation, alone and behind a dense layer, a convolution, a normalisation and
/// a sum, which apply it in place; maximum pooling over windows and over everything, in both channel
/// orders; softmax within a network and at its end; recurrent cells; NaN that only a sum makes (∞ − ∞).
/// oneDNN's ReLU, clipping and exponential made numbers of it, its maximum pooling passed it over, and its
/// softmax gave zeros beside it.
@Suite("What is not a number") struct NotANumberTests {
  static let activations: [Activation] = [
    .relu, .clippedRelu(maximum: 6), .leakyRelu(slope: 0.1), .leakyRelu(slope: -0.1),
    .elu(alpha: 1), .selu, .gelu(approximate: true), .gelu(approximate: false), .silu, .tanh,
    .sigmoid, .hardSigmoid, .legacyHardSigmoid, .softplus, .exponential,
  ]

  /// 40 numbers, more than a vector register and less than three: one NaN in each part.
  private static let places = [3, 21, 39]

  @Test("each activation alone", arguments: activations)
  func alone(_ activation: Activation) throws {
    var maker = GraphMaker(.last)
    let last = try maker.add(.activation(activation), maker.input([40]))
    let graph = try maker.graph(last)
    let network = try Network(graph: graph, weights: [:], batchSize: 2, jobs: 1)
    var inputs = (0..<80).map { Float($0) * 0.1 - 3 }
    for place in Self.places { inputs[place] = .nan }
    let outputs = try network.forward(inputs, count: 2)
    #expect(outputs.indices.filter { outputs[$0].isNaN } == Self.places)
  }

  @Test("each activation that another layer applies", arguments: activations)
  func fused(_ activation: Activation) throws {
    for order in [ModelGraph.ChannelOrder.first, .last] {
      var maker = GraphMaker(order)
      let shape = order == .last ? [5, 5, 3] : [3, 5, 5]
      var last = try maker.add(
        .activation(activation), maker.convolution(16, [1, 1], maker.input(shape)))
      last = try maker.add(.activation(activation), maker.batchNormalization(last))
      last = try maker.add(.flatten, last)
      last = try maker.add(.activation(activation), maker.dense(4, last))
      let graph = try maker.graph(last)
      let weights = randomWeights(graph, seed: 5)
      let network = try Network(graph: graph, weights: weights, batchSize: 2, jobs: 1)
      var inputs = (0..<150).map { Float($0 % 13) * 0.1 - 0.5 }
      #expect(try network.forward(inputs, count: 2).allSatisfy { !$0.isNaN })
      inputs[80] = .nan
      // Of the second example alone.
      let outputs = try network.forward(inputs, count: 2)
      #expect(outputs.map(\.isNaN) == [false, false, false, false, true, true, true, true])
    }
  }

  @Test("a sum that is none")
  func sums() throws {
    var maker = GraphMaker(.last)
    let input = try maker.input([4])
    let one = try maker.dense(8, bias: false, input)
    let two = try maker.dense(8, bias: false, input)
    let last = try maker.dense(3, maker.add(.activation(.relu), maker.add(.add, one, two)))
    let graph = try maker.graph(last)
    var weights = randomWeights(graph, seed: 2)
    // Finite weights, infinite products of either sign.
    let kernels = weights.keys.filter { weights[$0]?.shape == [4, 8] }.sorted()
    #expect(kernels.count == 2)
    for (name, value) in zip(kernels, [Float(3e38), -3e38]) {
      weights[name] = Tensor(shape: [4, 8], values: Array(repeating: value, count: 32))
    }
    let network = try Network(graph: graph, weights: weights, jobs: 1)
    #expect(try network.forward([9, 9, 9, 9], count: 1).allSatisfy(\.isNaN))
    #expect(try network.forward([0, 0, 0, 0], count: 1).allSatisfy(\.isFinite))
  }

  @Test("a window that holds one", arguments: [ModelGraph.ChannelOrder.first, .last])
  func pooling(_ order: ModelGraph.ChannelOrder) throws {
    let shape = order == .last ? [4, 4, 16] : [16, 4, 4]
    func place(_ channel: Int, _ row: Int, _ column: Int) -> Int {
      order == .last ? (row * 4 + column) * 16 + channel : (channel * 4 + row) * 4 + column
    }
    var maker = GraphMaker(order)
    let window = try maker.add(
      .pooling(Pooling(kind: .maximum, size: [2, 2], strides: [2, 2], padding: .valid)),
      maker.input(shape))
    let windows = try maker.graph(window)
    var inputs = (0..<256).map { Float($0 % 7) }
    inputs[place(3, 1, 2)] = .nan
    inputs[place(15, 3, 3)] = .nan
    let pooled = try Network(graph: windows, weights: [:], jobs: 1).forward(inputs, count: 1)
    let expected = [(3, 0, 1), (15, 1, 1)].map { channel, row, column in
      order == .last ? (row * 2 + column) * 16 + channel : (channel * 2 + row) * 2 + column
    }
    #expect(pooled.indices.filter { pooled[$0].isNaN } == expected.sorted())
    for keepsAxes in [false, true] {
      var maker = GraphMaker(order)
      let whole = try maker.add(
        .globalPooling(.maximum, keepsAxes: keepsAxes), maker.input(shape))
      let all = try maker.graph(whole)
      let maxima = try Network(graph: all, weights: [:], jobs: 1).forward(inputs, count: 1)
      #expect(maxima.indices.filter { maxima[$0].isNaN } == [3, 15])
    }
  }

  @Test("softmax: one that is NaN makes all of its example so")
  func softmax() throws {
    var maker = GraphMaker(.last)
    let last = try maker.add(.activation(.softmax), maker.input([20]))
    let graph = try maker.graph(last)
    let network = try Network(graph: graph, weights: [:], batchSize: 3, jobs: 1)
    var inputs = (0..<60).map { Float($0 % 5) }
    inputs[25] = .nan
    let outputs = try network.forward(inputs, count: 3)
    #expect(outputs.indices.filter { outputs[$0].isNaN } == Array(20..<40))
  }

  @Test("recurrent cells", arguments: [Activation.relu, .clippedRelu(maximum: 2), .hardSigmoid])
  func recurrent(_ activation: Activation) {
    #expect(activation.value(at: .nan).isNaN)
    #expect(activation.value(at: -9) == 0 && activation.value(at: 9) <= 9)
  }

  @Test("a network with a weight that is not finite has no loss and no accuracy")
  func evaluation() throws {
    var maker = GraphMaker(.last)
    let hidden = try maker.add(.activation(.relu), maker.dense(8, maker.input([6])))
    let last = try maker.dense(3, hidden)
    let graph = try maker.graph(last)
    let weights = randomWeights(graph, seed: 1)
    let examples = (0..<60).map { Float($0 % 11) - 5 }
    let data = try Dataset(
      examples: examples, exampleShape: [6], labels: (0..<10).map { Int32($0 % 3) }, classCount: 3)
    let evaluator = try Evaluator(graph: graph, dataset: data, jobs: 1)
    let whole = try evaluator.evaluate(weights)
    #expect(whole.loss.isFinite && whole.accuracy.isFinite)
    for value in [Float.nan, .infinity, -.infinity] {
      for name in weights.keys {
        var broken = weights
        broken[name]?.values[0] = value
        #expect(broken[name]?.firstNonFinite == 0)
        let found = try evaluator.evaluate(broken)
        #expect(found.loss.isNaN && found.accuracy.isNaN && found.count == 10, "\(name)")
      }
    }
  }

  @Test("of outputs of which one is NaN none is right")
  func outputs() throws {
    let rows: [Float] = [1, .nan, 0, .nan, 0, 1, 0, 1, .nan, 0, 2, 1]
    let sum = try rows.withUnsafeBufferPointer { rows in
      Loss.crossEntropy.evaluate(
        try #require(rows.baseAddress), labels: [0, 2, 1, 1], classCount: 3)
    }
    #expect(sum.loss.isNaN && sum.correct == 1)
  }
}
