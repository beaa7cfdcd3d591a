import Datasets
import Foundation
import LinearAlgebra
import Matching
import ModelGraph
import Networks
import Support
import Tensors
import Testing
import WeightFiles

@Suite("Matchers", .serialized) struct MatcherTests {
  private func load(_ name: String) async throws -> (ModelGraph, Weights) {
    let file = try await WeightFile.open(
      SymmetryCheckTests.folder.appendingPathComponent(name).path)
    let graph = try ModelGraph(file.catalog)
    return (graph, try file.read(graph.parameters.map(\.tensor)))
  }

  /// Random images, or sequences, of the shape that a graph takes.
  private func examples(_ graph: ModelGraph, count: Int) throws -> Dataset {
    let input = try #require(graph.layers.first { $0.operation == .input })
    let shape = input.outputShape.map { $0 ?? 12 }
    var generator = SeededGenerator(seed: 9)
    return try Dataset(
      examples: (0..<count * shape.reduce(1, *)).map { _ in Float(generator.normal()) },
      exampleShape: shape, labels: Array(repeating: 0, count: count), classCount: 1)
  }

  @Test(
    "activations lead back from planted permutations",
    arguments: ["mlp.h5", "vgg.h5", "resnet.h5", "vgg16.torch.h5", "resnet18.torch.h5"],
    ActivationMatching.Statistic.allCases)
  func activations(_ name: String, _ statistic: ActivationMatching.Statistic) async throws {
    let (graph, weights) = try await load(name)
    let groups = try graph.permutationGroups()
    let planted = Permuting.random(for: groups, seed: 5)
    let b = Permuting.apply(planted, of: groups, to: weights)
    let data = try examples(graph, count: 40)
    let found = try ActivationMatching.match(
      weights, b, graph: graph, groups: groups, examples: data, statistic: statistic,
      batchSize: 16)
    let right = zip(found.permutations, planted).reduce(0) { total, pair in
      total + zip(pair.0, Permuting.inverse(pair.1)).count { $0 == $1 }
    }
    let all = groups.reduce(0) { $0 + $1.size }
    #expect(2 * right >= all, "\(right) of \(all)")
    guard statistic == .correlation else { return }
    // Units that are off on all of so few inputs cannot be told apart, nor need they be: what the
    // network computes on these inputs is A's, layer for layer.
    let network = try Network(
      graph: graph, weights: weights, batchSize: data.count, inputShape: data.exampleShape)
    let expected = try network.forward(data.examples, count: data.count)
    try network.load(Permuting.apply(found.permutations, of: groups, to: b))
    let outputs = try network.forward(data.examples, count: data.count)
    let scale = expected.reduce(0) { max($0, abs($1)) }
    #expect(zip(expected, outputs).allSatisfy { abs($0 - $1) < 1e-3 * scale })
  }

  @Test("groups can be left alone, biases left out, tensors weighted")
  func scope() async throws {
    let (graph, a) = try await load("mlp.h5")
    let groups = try graph.permutationGroups()
    let planted = Permuting.random(for: groups, seed: 6)
    let b = Permuting.apply(planted, of: groups, to: a)
    var options = Matcher.Options()
    options.frozenGroups = [groups[0].name]
    let held = try Matcher(options).match(a, b, graph: graph, groups: groups)
    #expect(held.permutations[0] == Array(0..<groups[0].size))
    options.search.initial = planted.map(Permuting.inverse)
    let started = try Matcher(options).match(a, b, graph: graph, groups: groups)
    #expect(started.permutations == planted.map(Permuting.inverse))
    #expect(started.objectiveAfter == 0)
    options.frozenGroups = ["nothing"]
    #expect(throws: Diagnostic.self) {
      try Matcher(options).match(a, b, graph: graph, groups: groups)
    }
    // B's biases are noise: with them the way back is lost, without them it is found.
    var damaged = b
    let biases = graph.parameters.filter { $0.role == .bias }.map(\.tensor)
    for (index, name) in biases.enumerated() {
      var generator = SeededGenerator(seed: UInt64(index))
      let count = b[name]?.values.count ?? 0
      damaged[name]?.values = (0..<count).map { _ in 100 * Float(generator.normal()) }
    }
    var clean = a
    for name in biases {
      clean[name] = a[name].flatMap { noisy([name: $0], amount: 100, seed: 8)[name] }
    }
    options = Matcher.Options()
    let lost = try Matcher(options).match(clean, damaged, graph: graph, groups: groups)
    #expect(lost.permutations != planted.map(Permuting.inverse))
    options.usesBiases = false
    for kernel in Matcher.Kernel.allCases {
      options.kernel = kernel
      for method in [Matcher.Method.weights, .frankWolfe] {
        options.method = method
        let found = try Matcher(options).match(clean, damaged, graph: graph, groups: groups)
        #expect(found.permutations == planted.map(Permuting.inverse), "\(kernel) \(method)")
      }
    }
  }

  @Test("straight-through gradients lower the midpoint's loss; the same for any number of jobs")
  func straightThrough() async throws {
    let data = try await DataSource.load("digits", split: .train)
    let graph = try digitsGraph()
    func trained(_ seed: UInt64) throws -> Weights {
      try Trainer.train(
        graph: graph, on: data, options: TrainingOptions(epochs: 8, batchSize: 64, seed: seed)
      ).weights
    }
    let (a, b) = (try trained(1), try trained(2))
    let groups = try graph.permutationGroups()
    var options = Matcher.Options()
    options.method = .straightThrough
    options.training = StraightThrough.Options(epochs: 4, batchSize: 128, learningRate: 0.01)
    options.search.jobs = 1
    let found = try Matcher(options).match(a, b, graph: graph, groups: groups, examples: data)
    options.search.jobs = 2
    let again = try Matcher(options).match(a, b, graph: graph, groups: groups, examples: data)
    #expect(found.permutations == again.permutations)
    let evaluator = try Evaluator(graph: graph, dataset: data)
    func middle(_ permutations: [[Int]]) throws -> Double {
      let permuted = Permuting.apply(permutations, of: groups, to: b)
      return try evaluator.evaluate(
        a.merging(permuted) { left, right in
          Tensor(
            shape: left.shape, values: zip(left.values, right.values).map { ($0 + $1) / 2 })
        }
      ).loss
    }
    let weights = try WeightMatching.match(a, b, groups: groups)
    #expect(try middle(found.permutations) < middle(Permuting.identity(for: groups)))
    #expect(try middle(found.permutations) <= 1.05 * middle(weights.permutations))
    #expect(throws: Diagnostic.self) {
      try Matcher(options).match(a, b, graph: graph, groups: groups)
    }
  }

  private func digitsGraph() throws -> ModelGraph {
    func dense(_ name: String, _ input: Int, _ from: Int, _ to: Int) -> Layer {
      Layer(
        name: name, operation: .dense(units: to), inputs: [input],
        parameters: [
          Parameter(
            role: .kernel, tensor: "\(name)/kernel", shape: [from, to], axes: [.input, .output]),
          Parameter(role: .bias, tensor: "\(name)/bias", shape: [to], axes: [.output]),
        ], outputShape: [to])
    }
    return ModelGraph(
      source: "test", channelOrder: .last,
      layers: [
        Layer(name: "input", operation: .input, inputs: [], outputShape: [64]),
        dense("first", 0, 64, 24),
        Layer(
          name: "relu", operation: .activation(.relu), inputs: [1], outputShape: [24]),
        dense("last", 2, 24, 10),
      ], outputs: [3])
  }

  @Test("several networks meet in one arrangement")
  func several() throws {
    for architecture in [Architecture.multilayerPerceptron, .residual, .recurrent] {
      let groups = architecture.groups(width: 16)
      let first = architecture.weights(width: 16, seed: 1)
      let planted = (0..<4).map { Permuting.random(for: groups, seed: 50 + $0) }
      let others = planted.enumerated().map { index, permutations in
        noisy(
          Permuting.apply(permutations, of: groups, to: first), amount: 0.05, seed: UInt64(index))
      }
      let found = try MergeMany.match(
        [first] + others, groups: groups, options: .init(restarts: 4))
      #expect(found.permutations[0] == Permuting.identity(for: groups))
      #expect(Array(found.permutations.dropFirst()) == planted.map { $0.map(Permuting.inverse) })
      #expect(found.objectiveAfter < 0.05 * found.objectiveBefore)
    }
    #expect(throws: Diagnostic.self) {
      try MergeMany.match([[:]], groups: [])
    }
  }
}
