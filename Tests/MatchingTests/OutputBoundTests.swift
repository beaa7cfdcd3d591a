import Foundation
import LinearAlgebra
import ModelGraph
import Networks
import Support
import Tensors
import Testing
import WeightFiles

@testable import Matching

@Suite("Bounds of layers' outputs", .serialized) struct OutputBoundTests {
  private func load(_ name: String) async throws -> (ModelGraph, Weights) {
    let file = try await WeightFile.open(
      SymmetryCheckTests.folder.appendingPathComponent(name).path)
    let graph = try ModelGraph(file.catalog)
    return (graph, try file.read(graph.parameters.map(\.tensor)))
  }

  private func examples(_ graph: ModelGraph, count: Int) throws -> Dataset {
    let input = try #require(graph.layers.first { $0.operation == .input })
    let shape = input.outputShape.map { $0 ?? 12 }
    var generator = SeededGenerator(seed: 9)
    return try Dataset(
      examples: (0..<count * shape.reduce(1, *)).map { _ in Float(generator.normal()) },
      exampleShape: shape, labels: Array(repeating: 0, count: count), classCount: 1)
  }

  private func kernels(_ graph: ModelGraph) -> [LayerAlignment.Kernel] {
    graph.kernels.map { .init(tensor: $0.tensor, outputAxis: $0.outputAxis) }
  }

  /// Paddings, strides, dilation, both orders of channels, flattened maps: the kernel times the
  /// vector is the layer's output at some position.
  @Test(
    "what a kernel reads gives what the layer computes",
    arguments: ["mlp.h5", "vgg.h5", "resnet.h5", "tcn.h5", "vgg16.torch.h5", "resnet18.torch.h5"])
  func vectors(_ name: String) async throws {
    let (graph, weights) = try await load(name)
    let data = try examples(graph, count: 3)
    let inputs = try LayerInputs(graph: graph, weights: weights, on: data, jobs: 1)
    var checked = 0
    for layer in graph.layers {
      guard let kernel = layer.parameter(.kernel), let x = inputs.vectors[kernel.tensor],
        let tensor = weights[kernel.tensor], let axis = kernel.axes.firstIndex(of: .output)
      else { continue }
      let network = try Network(
        graph: graph, weights: weights, batchSize: 3, inputShape: data.exampleShape,
        captures: [layer.name], jobs: 1)
      let capture = try #require(
        try network.capture(data.examples, count: data.count)[layer.name])
      let matrix = LayerAlignment.matrix(tensor, axis)
      let products = BLAS.product(
        x,
        Matrix<Double>(
          rows: matrix.rows, columns: matrix.columns, values: matrix.values.map(Double.init)),
        transposingRight: true)
      let bias = layer.parameter(.bias).flatMap { weights[$0.tensor]?.values }
      let isFirst = graph.channelOrder == .first && capture.shape.count > 1
      let channels = matrix.rows
      let positions = capture.shape.reduce(1, *) / channels
      for example in 0..<data.count {
        let nearest = (0..<positions).map { position in
          (0..<channels).reduce(0.0) { worst, channel in
            let place = isFirst ? channel * positions + position : position * channels + channel
            let output = Double(capture.values[example * channels * positions + place])
            let product = products.values[example * channels + channel]
            return max(worst, abs(output - product - Double(bias?[channel] ?? 0)))
          }
        }.min()
        let size = products.values.map(abs).max() ?? 0
        #expect((nearest ?? .infinity) < 1e-4 * size + 1e-6, "\(layer.name)")
      }
      checked += 1
    }
    #expect(checked > 1)
  }

  @Test(
    "no input's outputs differ by more than the bound; of equal networks it is nothing",
    arguments: ["mlp.h5", "vgg.h5", "resnet18.torch.h5"])
  func bound(_ name: String) async throws {
    let (graph, a) = try await load(name)
    let groups = try graph.permutationGroups()
    let planted = Permuting.random(for: groups, seed: 5)
    let data = try examples(graph, count: 20)
    let inputs = try LayerInputs(graph: graph, weights: a, on: data, jobs: 1)
    let first = try DecomposedNetwork(a, kernels: kernels(graph))
    for noise in [0, 0.3] as [Float] {
      let b = noisy(Permuting.apply(planted, of: groups, to: a), amount: noise, seed: 3)
      let second = try DecomposedNetwork(b, kernels: kernels(graph))
      let before = try OutputBound.measure(a, first, b, second, inputs: inputs)
      let after = try OutputBound.measure(
        a, first, b, second, inputs: inputs, permutations: planted.map(Permuting.inverse),
        of: groups)
      #expect(!before.isEmpty && before.map(\.tensor) == after.map(\.tensor))
      for row in before + after {
        #expect(row.tightest < 1 + 1e-5 || row.difference < 1e-5 * row.outputNorm, "\(row)")
        #expect(row.difference <= row.bound * (1 + 1e-5) + 1e-6)
        #expect(row.bound <= row.plainBound)
        #expect(row.concentrations.allSatisfy { (0...1.000_001).contains($0) })
        #expect(zip(row.concentrations, row.concentrations.dropFirst()).allSatisfy { $0 >= $1 })
      }
      if noise == 0 {
        // Lined up, the networks are equal; as they are, they are not.
        for row in after { #expect(row.bound < 2e-3 * row.outputNorm && row.difference == 0) }
        #expect(before.contains { $0.difference > 0.1 * $0.outputNorm })
      }
    }
  }

  @Test("the least of the bounds, by hand")
  func byHand() {
    // One pair that lines up, one that does not: √(1+1−2)=0, then the rest one by one.
    let found = OutputBound.bounds([1, 3], [1, 4], [1, 0])
    #expect(abs(found.plain - (10.0.squareRoot() + 17.0.squareRoot())) < 1e-12)
    #expect(abs(found.least - 5) < 1e-12)
  }
}
