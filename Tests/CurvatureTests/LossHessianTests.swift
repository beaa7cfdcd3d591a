import LinearAlgebra
import ModelGraph
import Networks
import Testing
import WeightFiles
import WorkbenchCore

@testable import Curvature

/// The distance of two vectors, relative to the second.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  length(zip(a, b).map { $0 - $1 }) / length(b)
}

/// Seen against PyTorch's double backward in Float64: products within 5e-7 for the perceptrons, 4e-7 for
/// the convolutions. Float32 has 6e-8, and each number is a sum of some hundred.
@Suite("Products with second derivatives")
struct LossHessianTests {
  static let tolerance = 5e-6

  @Test("by the running statistics as PyTorch has them", arguments: HessianFixture.all)
  func running(_ name: String) async throws {
    let fixture = try await HessianFixture(name)
    let hessian = try LossHessian(
      graph: fixture.graph, weights: fixture.weights, dataset: fixture.data)
    #expect(abs(hessian.loss - (try fixture.vector("loss"))[0]) < 1e-6)
    let direction = fixture.arranged(try fixture.vector("direction"), for: hessian)
    let expected = fixture.arranged(try fixture.vector("product"), for: hessian)
    #expect(direction.count == expected.count && direction.count == hessian.dimension)
    #expect(distance(try hessian.product(direction), expected) < Self.tolerance)
    // A second product does not see what the first has left.
    #expect(
      distance(try hessian.product(direction.map { -3 * $0 }), expected.map { -3 * $0 })
        < Self.tolerance)
  }

  @Test("by the statistics of the batch, in which all examples are")
  func batch() async throws {
    let fixture = try await HessianFixture("resnet")
    let hessian = try LossHessian(
      graph: fixture.graph, weights: fixture.weights, dataset: fixture.data,
      normalization: .batch)
    #expect(abs(hessian.loss - (try fixture.vector("batch_loss"))[0]) < 1e-6)
    let direction = fixture.arranged(try fixture.vector("direction"), for: hessian)
    let expected = fixture.arranged(try fixture.vector("batch_product"), for: hessian)
    #expect(distance(try hessian.product(direction), expected) < Self.tolerance)
  }

  @Test("the same for any batch size, memory and number of jobs", arguments: ["vgg", "resnet"])
  func batches(_ name: String) async throws {
    let fixture = try await HessianFixture(name)
    var first: [Double]?
    for (size, memory, jobs) in [(7, 1 << 30, 1), (7, 1 << 30, 3), (7, 0, 1), (7, 0, 2)] {
      let hessian = try LossHessian(
        graph: fixture.graph, weights: fixture.weights, dataset: fixture.data, batchSize: size,
        memoryLimit: memory, jobs: jobs)
      #expect(hessian.keepsPrimal == (memory > 0))
      let direction = fixture.arranged(try fixture.vector("direction"), for: hessian)
      let expected = fixture.arranged(try fixture.vector("product"), for: hessian)
      let product = try hessian.product(direction)
      #expect(distance(product, expected) < Self.tolerance)
      // The order of sums is that of the batches: not a bit differs.
      if let first { #expect(product == first) } else { first = product }
    }
  }

  @Test("a subset of the tensors is a block of the whole matrix")
  func subset() async throws {
    let fixture = try await HessianFixture("resnet")
    let whole = try LossHessian(
      graph: fixture.graph, weights: fixture.weights, dataset: fixture.data)
    let block = try LossHessian(
      graph: fixture.graph, weights: fixture.weights, dataset: fixture.data,
      tensors: ["h.weight", "nc.bias"])
    #expect(block.parameters.map(\.name) == ["nc.bias", "h.weight"])
    var generator = SeededGenerator(seed: 3)
    let direction = (0..<block.dimension).map { _ in generator.normal() }
    var spread: [Double] = []
    var inside: [Bool] = []
    var rest = direction[...]
    for parameter in whole.parameters {
      let isIn = block.parameters.contains(parameter)
      inside += Array(repeating: isIn, count: parameter.count)
      spread +=
        isIn ? Array(rest.prefix(parameter.count)) : Array(repeating: 0, count: parameter.count)
      if isIn { rest = rest.dropFirst(parameter.count) }
    }
    let product = try whole.product(spread)
    let expected = zip(product, inside).filter(\.1).map(\.0)
    #expect(distance(try block.product(direction), expected) < 1e-6)
  }

  @Test("what cannot be differentiated twice is refused")
  func refusals() async throws {
    let fixture = try await HessianFixture("vgg")
    func error(_ body: (inout Weights) throws -> LossHessian) -> String? {
      var weights = fixture.weights
      return #expect(throws: Diagnostic.self) { _ = try body(&weights) }?.description
    }
    let unknown = error { weights in
      try LossHessian(
        graph: fixture.graph, weights: weights, dataset: fixture.data, tensors: ["z"])
    }
    #expect(unknown?.contains("a.weight") == true)
    let broken = error { weights in
      weights["b.bias"]?.values[0] = .nan
      return try LossHessian(graph: fixture.graph, weights: weights, dataset: fixture.data)
    }
    #expect(broken?.contains("b.bias") == true)
    var maker = TorchGraph(order: .first)
    try maker.mlp(.softmax)
    let graph = try maker.finish()
    let softmax = error { weights in
      weights = Initializer.weights(for: graph, seed: 1)
      return try LossHessian(
        graph: graph, weights: weights,
        dataset: Dataset(
          examples: Array(repeating: 1, count: 16), exampleShape: [8], labels: [0, 1],
          classCount: 5))
    }
    #expect(softmax?.contains("softmax") == true)
  }
}
