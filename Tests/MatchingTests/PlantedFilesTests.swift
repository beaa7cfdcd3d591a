import Foundation
import Matching
import ModelGraph
import Testing
import WeightFiles

@Suite("Planted permutations of real files", .serialized) struct PlantedFilesTests {
  @Test(
    "weights lead back, to the last bit",
    arguments: [
      "mlp.h5", "vgg.h5", "resnet.h5", "lstm.h5", "gru.h5", "bidirectional.h5",
      "resnet20.torch.h5", "resnet18.torch.h5", "wrapped_resnet.torch.h5",
      "projected_resnet.torch.h5", "torch_lstm.torch.h5", "torch_gru.torch.h5",
      "torch_rnn.torch.h5", "torch_words.torch.h5", "torch_both.torch.h5",
    ])
  func recovered(_ name: String) async throws {
    let file = try await WeightFile.open(
      SymmetryCheckTests.folder.appendingPathComponent(name).path)
    let graph = try ModelGraph(
      file.catalog, statement: GraphStatement(readings: [.zerosAround]))
    let weights = try file.read(graph.parameters.map(\.tensor))
    let groups = try graph.permutationGroups()
    let b = Permuting.apply(Permuting.random(for: groups, seed: 21), of: groups, to: weights)
    #expect(b != weights)
    let found = try WeightMatching.match(
      weights, b, groups: groups, options: .init(restarts: 8))
    #expect(Permuting.apply(found.permutations, of: groups, to: b) == weights)
  }
}
