import Foundation
import ModelGraph
import Support
import Tensors
import Testing
import WeightFiles

@testable import Networks

/// Whole networks against the outputs that Keras and PyTorch gave for the same files.
@Suite struct FrameworkTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("ModelGraphTests/Fixtures")

  /// Outputs are of size 1 to 100 after up to fifty layers in Float32, summed in another order than
  /// the framework's: 1e-4 of the largest.
  private func compare(
    _ name: String, file: String, expected: String, description: String? = nil
  ) async throws {
    let weightFile = try await WeightFile.open(Self.folder.appendingPathComponent(file).path)
    let statement = GraphStatement(
      file: description.map { Self.folder.appendingPathComponent($0).path },
      readings: [.zerosAround])
    let graph = try ModelGraph(weightFile.catalog, statement: statement)
    let weights = try weightFile.read(graph.parameters.map(\.tensor))
    let io = try await WeightFile.open(Self.folder.appendingPathComponent(expected).path)
    let input = try io.read(try io.entry(named: "\(name)/input"))
    let output = try io.read(try io.entry(named: "\(name)/output"))
    let network = try Network(
      graph: graph, weights: weights, batchSize: 2, inputShape: Array(input.shape.dropFirst()))
    let found = try network.forward(input.values, count: input.shape[0])
    #expect(network.outputShape == Array(output.shape.dropFirst()))
    expectClose(found.map(Double.init), output.values.map(Double.init), 1e-4)
  }

  @Test(arguments: [
    "bidirectional", "gru", "inception", "lstm", "mlp", "nested", "preprocessed", "resnet",
    "separable", "squeeze", "tcn", "vgg",
  ])
  func `agrees with Keras`(_ name: String) async throws {
    try await compare(name, file: "\(name).h5", expected: "io.h5")
  }

  /// One layer used for two inputs, which stand one after another in each example.
  @Test func `two inputs agree with Keras`() async throws {
    let weightFile = try await WeightFile.open(
      Self.folder.appendingPathComponent("shared.h5").path)
    let graph = try ModelGraph(
      weightFile.catalog, statement: GraphStatement(readings: [.zerosAround]))
    let weights = try weightFile.read(graph.parameters.map(\.tensor))
    let io = try await WeightFile.open(Self.folder.appendingPathComponent("io.h5").path)
    let values = try io.read(["shared/input0", "shared/input1", "shared/output"])
    let left = try #require(values["shared/input0"])
    let right = try #require(values["shared/input1"])
    let output = try #require(values["shared/output"])
    var examples: [Float] = []
    for row in 0..<left.shape[0] {
      for input in [left, right] { examples += input.values[row * 5..<(row + 1) * 5] }
    }
    let network = try Network(graph: graph, weights: weights, batchSize: 3, jobs: 1)
    #expect(network.inputShape == [10] && network.outputShape == [3])
    let found = try network.forward(examples, count: 4)
    expectClose(found.map(Double.init), output.values.map(Double.init), 1e-5)
    #expect(throws: Diagnostic.self) { try network.forward(Array(examples.prefix(20)), count: 4) }
  }

  @Test(arguments: ["mlp_bn", "resnet20", "resnet20_shortcut", "vgg16_bn", "resnet18", "resnet50"])
  func `agrees with PyTorch`(_ name: String) async throws {
    try await compare(name, file: "\(name).torch.h5", expected: "torch_io.h5")
  }

  @Test(arguments: [
    "wrapped_resnet", "headed_resnet", "projected_resnet", "wrapped_vgg", "torch_lstm", "torch_gru",
    "torch_rnn", "torch_words",
  ])
  func `agrees with PyTorch around known families and steps`(_ name: String) async throws {
    try await compare(name, file: "\(name).torch.h5", expected: "networks_io.h5")
  }

  /// What is read of the last layer is in no file, where it has two directions: the description says it.
  @Test func `a described GRU of two layers and directions agrees with PyTorch`() async throws {
    try await compare(
      "torch_both", file: "torch_both.torch.h5", expected: "networks_io.h5",
      description: "torch_both.yaml")
    let file = try await WeightFile.open(
      Self.folder.appendingPathComponent("torch_both.torch.h5").path)
    let reason = try ModelGraph(file.catalog).whyNotRunnable
    #expect(reason?.contains("what is read of the last recurrent layer") == true)
  }
}
