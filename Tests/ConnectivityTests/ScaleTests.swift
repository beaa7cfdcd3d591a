import Foundation
import LinearAlgebra
import ModelGraph
import Networks
import Support
import Tensors
import Testing

@testable import Connectivity

@Suite("Scales of units")
struct ScaleTests {
  /// What stands between a hidden layer and the one that reads it.
  enum Middle: String, CaseIterable {
    case relu, leaky, tanh, normalized, normalizedTanh, plainNormalized, residual
  }

  /// Two spatial positions of a convolution, a middle, flattening, and logits.
  static func graph(_ middle: Middle) throws -> ModelGraph {
    var builder = ModelGraph.Builder(source: "test", channelOrder: .last)
    let input = try builder.input(shape: [3, 3, 2])
    var last = try convolution("conv", from: 2, input, &builder)
    if [.normalized, .normalizedTanh, .plainNormalized, .residual].contains(middle) {
      last = try normalization("norm", last, scales: middle != .plainNormalized, &builder)
    }
    let activation: Activation =
      switch middle {
      case .tanh, .normalizedTanh: .tanh
      case .leaky: .leakyRelu(slope: 0.2)
      default: .relu
      }
    last = try builder.add("act", .activation(activation), inputs: [last])
    if middle == .residual {
      var branch = try convolution("branch", from: 3, last, &builder, padding: .same)
      branch = try normalization("branch norm", branch, scales: true, &builder)
      last = try builder.add("sum", .add, inputs: [last, branch])
      last = try builder.add("sum/relu", .activation(.relu), inputs: [last])
    }
    last = try builder.add("flatten", .flatten, inputs: [last])
    last = try RepairTests.dense("logits", 3, from: 12, last, &builder)
    return try builder.finish(outputs: [last])
  }

  private static func convolution(
    _ name: String, from channels: Int, _ input: Int, _ builder: inout ModelGraph.Builder,
    padding: Padding = .valid
  ) throws -> Int {
    let convolution = Convolution(
      filters: 3, kernelSize: [2, 2], strides: [1, 1], dilation: [1, 1], groups: 1,
      padding: padding)
    return try builder.add(
      name, .convolution(convolution), inputs: [input],
      parameters: [
        Parameter(
          role: .kernel, tensor: name + "/kernel", shape: [2, 2, channels, 3],
          axes: [.spatial(0), .spatial(1), .input, .output]),
        Parameter(role: .bias, tensor: name + "/bias", shape: [3], axes: [.output]),
      ])
  }

  private static func normalization(
    _ name: String, _ input: Int, scales: Bool, _ builder: inout ModelGraph.Builder
  ) throws -> Int {
    let all: [Parameter.Role] = [.gamma, .beta, .movingMean, .movingVariance]
    return try builder.add(
      name, .batchNormalization(epsilon: 1e-3, momentum: 0.9), inputs: [input],
      parameters: (scales ? all : Array(all.dropFirst())).map {
        Parameter(role: $0, tensor: name + "/" + $0.rawValue, shape: [3], axes: [.output])
      })
  }

  /// The layers whose units are scaled, and how many tensors follow each.
  static let expected: [(Middle, [String: [Int]])] = [
    (.relu, ["conv": [3]]), (.leaky, ["conv": [3]]), (.tanh, [:]),
    // Before the normalisation, and behind it: gamma, beta, and what reads them.
    (.normalized, ["conv": [4, 3]]), (.normalizedTanh, ["conv": [4]]),
    (.plainNormalized, ["conv": [4]]),
    // The two branches of a sum have one scale together: two gammas, two betas, two readers.
    (.residual, ["conv": [4, 6], "branch": [4]]),
  ]

  @Test("which units have the freedom", arguments: expected)
  func groups(_ middle: Middle, _ expected: [String: [Int]]) throws {
    let graph = try Self.graph(middle)
    var found: [String: [Int]] = [:]
    for group in graph.scaleGroups(try graph.permutationGroups()) {
      #expect(group.size == 3)
      found[group.name, default: []].append(group.members.count)
    }
    #expect(found == expected)
  }

  private func random(_ scales: inout UnitScales, seed: UInt64, size: Double = 1.5) {
    var generator = SeededGenerator(seed: seed)
    for group in scales.logarithms.indices {
      for unit in scales.logarithms[group].indices {
        scales.logarithms[group][unit] = (2 * generator.uniform() - 1) * size
      }
    }
    scales.clamp()
  }

  @Test(
    "random factors leave the function as it is, and no tensor but a few",
    arguments: Middle.allCases)
  func invariance(_ middle: Middle) throws {
    let graph = try Self.graph(middle)
    let weights = RepairTests.weights(graph, 3)
    var scales = UnitScales(groups: graph.scaleGroups(try graph.permutationGroups()), of: weights)
    #expect(scales.applied(to: weights) == weights)
    random(&scales, seed: 1)
    let scaled = scales.applied(to: weights)
    let followers = Set(scales.groups.flatMap { $0.members.map(\.place.tensor) })
    for name in weights.keys {
      #expect((scaled[name] != weights[name]) == followers.contains(name))
    }
    var generator = SeededGenerator(seed: 2)
    let inputs = (0..<5 * 18).map { _ in Float(generator.normal()) }
    let before = try Network(graph: graph, weights: weights, jobs: 1).forward(inputs, count: 5)
    let after = try Network(graph: graph, weights: scaled, jobs: 1).forward(inputs, count: 5)
    let largest = before.map(abs).max() ?? 0
    for (x, y) in zip(before, after) { #expect(abs(x - y) < 2e-5 * largest) }
  }

  @Test("given factors scale as found ones do, and their inverses scale back")
  func factors() throws {
    let graph = try Self.graph(.normalized)
    var weights = RepairTests.weights(graph, 3)
    weights["norm/movingVariance"]?.values = [0, 1e-3, 1]
    let groups = graph.scaleGroups(try graph.permutationGroups())
    var scales = UnitScales(groups: groups, of: weights)
    random(&scales, seed: 4, size: 100)
    let scaled = scales.applied(to: weights)
    let again = try UnitScales(groups: groups, factors: scales.factors, of: weights)
      .applied(to: weights)
    let back = try UnitScales(
      groups: groups, factors: scales.factors.map { $0.map { 1 / $0 } }, of: scaled
    ).applied(to: scaled)
    for (name, tensor) in weights {
      for (index, value) in tensor.values.enumerated() {
        // exp(log(f)) is f to an ulp of Float64, which moves a Float32 by one of its own at most; a
        // variance at its bound is a difference of numbers below 1.
        let found = try #require(scaled[name]?.values[index])
        #expect(abs(try #require(again[name]?.values[index]) - found) <= max(found.ulp, 1e-15))
        // Two roundings to Float32; of a variance relative to it and epsilon, which are e⁶ times as
        // large at most in between.
        let restored = try #require(back[name]?.values[index])
        #expect(abs(restored - value) <= 1e-6 * max(abs(value), 1e-2))
      }
    }
    for bad in [
      [[1.0]], scales.factors.map { $0.map { _ in 1e3 } }, [], scales.factors.map { _ in [] },
    ] {
      #expect(throws: Diagnostic.self) { try UnitScales(groups: groups, factors: bad, of: weights) }
    }
    // Far below what keeps the variance positive.
    #expect(throws: Diagnostic.self) {
      try UnitScales(
        groups: groups, factors: groups.map { Array(repeating: 0.06, count: $0.size) }, of: weights)
    }
  }

  @Test("a running variance never becomes negative, whatever the factors")
  func bounds() throws {
    let graph = try Self.graph(.normalized)
    var weights = RepairTests.weights(graph, 3)
    weights["norm/movingVariance"]?.values = [0, 1e-3, 1]
    var scales = UnitScales(groups: graph.scaleGroups(try graph.permutationGroups()), of: weights)
    random(&scales, seed: 4, size: 100)
    #expect(scales.factors.joined().allSatisfy { $0 <= exp(UnitScales.limit) * 1.001 })
    let variances = try #require(scales.applied(to: weights)["norm/movingVariance"]).values
    #expect(variances.allSatisfy { $0 >= 0 })
  }

  static func examples(_ graph: ModelGraph, _ weights: Weights, count: Int) throws -> Dataset {
    var generator = SeededGenerator(seed: 9)
    let inputs = (0..<count * 18).map { _ in Float(generator.normal()) }
    let outputs = try Network(graph: graph, weights: weights, jobs: 1).forward(inputs, count: count)
    let labels = (0..<count).map { row in
      let own = outputs[row * 3..<row * 3 + 3]
      return Int32((own.firstIndex(of: own.max() ?? 0) ?? 0) - row * 3)
    }
    return try Dataset(examples: inputs, exampleShape: [3, 3, 2], labels: labels, classCount: 3)
  }

  @Test("the gradient by the factors is that of differences", arguments: [Middle.relu, .residual])
  func gradient(_ middle: Middle) throws {
    let graph = try Self.graph(middle)
    let (a, b) = (RepairTests.weights(graph, 3), RepairTests.weights(graph, 5))
    let data = try Self.examples(graph, a, count: 32)
    let loss = try LossGradient(graph: graph, dataset: data, batchSizes: [32])
    var scales = UnitScales(groups: graph.scaleGroups(try graph.permutationGroups()), of: b)
    random(&scales, seed: 6, size: 0.3)
    func batch(_ scales: UnitScales) throws -> LossGradient.Batch {
      try loss.evaluate(
        LinearPath.point(a, scales.applied(to: b), at: 0.5), examples: Array(0..<32))
    }
    let found = scales.gradient(try batch(scales).gradients, at: scales.applied(to: b))
    var largest = 0.0
    for group in found.indices {
      for unit in found[group].indices {
        var (less, more) = (scales, scales)
        less.logarithms[group][unit] -= 5e-3
        more.logarithms[group][unit] += 5e-3
        let slope = (try batch(more).loss - batch(less).loss) / 1e-2
        largest = max(largest, abs(slope))
        #expect(abs(0.5 * found[group][unit] - slope) < 5e-3 + 0.02 * abs(slope))
      }
    }
    #expect(largest > 0.02)
  }

  @Test("a network and its own scaled copy: the search lowers the line between them")
  func search() throws {
    let graph = try Self.graph(.relu)
    let a = RepairTests.weights(graph, 3)
    let groups = try graph.permutationGroups()
    var scales = UnitScales(groups: graph.scaleGroups(groups), of: a)
    random(&scales, seed: 7, size: 2.5)
    let b = scales.applied(to: a)
    let data = try Self.examples(graph, a, count: 256)
    let search = ScaleSearch(epochs: 40, batchSize: 64, seed: 1)
    let found = try search.search(a, b, graph: graph, groups: groups, on: data)
    #expect(found.lossChange < 1e-4)
    let again = try search.search(a, b, graph: graph, groups: groups, on: data)
    #expect(again.weights == found.weights)
    let evaluator = try Evaluator(graph: graph, dataset: data, jobs: 1)
    func middle(_ other: Weights) throws -> Double {
      try evaluator.evaluate(LinearPath.point(a, other, at: 0.5)).loss
    }
    let ends = try evaluator.evaluate(a).loss
    #expect(try middle(found.weights) - ends < 0.5 * (middle(b) - ends))
  }

  @Test("networks without such units are refused by name")
  func refusal() throws {
    let graph = try Self.graph(.tanh)
    let a = RepairTests.weights(graph, 3)
    let data = try Self.examples(graph, a, count: 8)
    #expect {
      try ScaleSearch().search(
        a, a, graph: graph, groups: try graph.permutationGroups(), on: data)
    } throws: { ($0 as? Diagnostic)?.description.contains("no hidden units") == true }
  }
}
