import Foundation
import Matching
import ModelGraph
import Tensors
import Testing
import WeightFiles

/// Every architecture that the importers know, written by Keras and PyTorch: permuting its groups
/// does not change what it computes.
@Suite("Symmetries, proved by running")
struct SymmetryCheckTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("ModelGraphTests/Fixtures")

  static let architectures = [
    "mlp.h5", "mlp.keras", "mlp.weights.h5", "vgg.h5", "resnet.h5", "tcn.h5", "separable.keras",
    "inception.h5", "squeeze.h5", "lstm.h5", "gru.h5", "shared.h5", "bidirectional.keras",
    "nested.keras", "mlp_bn.torch.h5", "vgg16.torch.h5", "vgg16_bn.torch.h5", "resnet18.torch.h5",
    "resnet20.torch.h5", "resnet20_shortcut.torch.h5", "resnet50.torch.h5", "onnx_conv.onnx",
    "onnx_keras.onnx", "onnx_residual.onnx", "onnx_tokens.onnx",
  ]

  private func load(_ name: String) async throws -> (ModelGraph, Weights) {
    let file = try await WeightFile.open(Self.folder.appendingPathComponent(name).path)
    // Where the file does not say where zeros stand, it is stated.
    let graph = try ModelGraph(
      file.catalog, statement: GraphStatement(readings: [.zerosAround]))
    return (graph, try file.read(graph.parameters.map(\.tensor)))
  }

  @Test("the function stays on 1000 inputs", arguments: architectures)
  func holds(_ name: String) async throws {
    let (graph, weights) = try await load(name)
    let groups = try graph.permutationGroups()
    #expect(!groups.isEmpty)
    let check = try SymmetryCheck(graph, weights: weights, groups: groups, exampleCount: 1000)
    #expect(check.holds, "\(check.groups.filter { !$0.isSymmetry }), \(check.all)")
    // Something moved: a check of nothing would hold too.
    #expect(check.groups.contains { $0.difference > 0 })
  }

  @Test(
    "a group that lacks one of its axes is found out",
    arguments: ["mlp.h5", "vgg.h5", "resnet.h5", "lstm.h5", "resnet18.torch.h5"])
  func fails(_ name: String) async throws {
    let (graph, weights) = try await load(name)
    for (index, group) in try graph.permutationGroups().enumerated() {
      for member in group.members.indices {
        var groups = try graph.permutationGroups()
        let lost = groups[index].members.remove(at: member)
        // Vectors of fresh networks may be nearly all alike; kernels never are.
        guard let tensor = weights[lost.tensor], tensor.shape.count > 1 else { continue }
        let check = try SymmetryCheck(graph, weights: weights, groups: groups)
        #expect(!check.groups[index].isSymmetry, "\(group.name) without \(lost.tensor)")
      }
    }
  }
}
