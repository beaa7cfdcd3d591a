import Datasets
import Foundation
import ModelGraph
import Networks
import Support
import Tensors
import Testing
import WeightFiles
import ZooBuilding
import ZooSpecs

/// Zoos of language models, vision transformers and recurrent networks, tiny ones, really trained.
@Suite("Zoos of networks of sequences", .serialized)
struct SequenceZooTests {
  /// What each spec builds: its data, its model, the tensors of one and how many weights they have.
  static let models: [(name: String, data: String, model: String, tensors: Int, weights: Int)] = [
    // 256·8 + 8·8 + (4·8 + 24·9 + 8·9 + 32·9 + 8·33) + 16
    (
      "gpt", "{source: austen, window: 8, fraction: 0.004}",
      "{kind: gpt, layers: 1, width: 8, heads: 2}", 16, 3000
    ),
    // 2·256·8 + (2·8 + 64 + 2·32 + 64 + 3·8·24) + 8
    (
      "llama", "{source: austen, window: 8, fraction: 0.004}",
      "{kind: llama, layers: 1, width: 8, heads: 2, key-value-heads: 1}", 12, 4888
    ),
    // 256·6 + 2·(2·24·6 + 48) + 256·7
    (
      "lstm", "{source: austen, window: 8, fraction: 0.004}", "{kind: lstm, layers: 2, width: 6}",
      11, 4000
    ),
    // 8·4 + 8 + 8 + 17·8 + (4·8 + 24·9 + 8·9 + 32·9 + 8·33) + 16 + 90
    (
      "vit", "{source: digits, fraction: 0.1}", "{kind: vit, layers: 1, width: 8, heads: 2}", 20,
      1162
    ),
    // 24·(8 + 6 + 2) + 70
    ("rows", "{source: digits, fraction: 0.1}", "{kind: lstm, layers: 1, width: 6}", 6, 454),
  ]

  @Test(arguments: models.indices)
  func trained(_ index: Int) async throws {
    let expected = Self.models[index]
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("wsl-zoo-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let text = """
      name: t
      data: \(expected.data)
      model: \(expected.model)
      training: {epochs: 12, learning-rate: 0.02, batch-size: 16}
      seeds: [0, 1]
      """
    let spec = try ZooSpec(parsing: text, file: "t.yaml")
    let built = try await ZooBuilder(spec: spec, folder: folder, existing: .refuse)
      .build(jobs: 2, progress: nil)
    #expect(built.count == 2)
    let file = try await WeightFile.open(built[0].path)
    let graph = try ModelGraph(file.catalog)
    #expect(graph.certainty == .declared && graph.whyNotRunnable == nil)
    let weights = try file.read(graph.parameters.map(\.tensor))
    #expect(weights.count == expected.tensors)
    #expect(weights.values.reduce(0) { $0 + $1.values.count } == expected.weights)
    // The graph that the file alone gives is the one that was trained.
    let recipe = try #require(spec.recipes.first)
    let data = try await DataSource.load(
      recipe.data.source, split: .test, window: recipe.data.window)
    let again = try Evaluator(graph: graph, dataset: data).evaluate(weights)
    let training = try #require(built[0].training)
    #expect(abs(again.loss - training.testLoss) < 1e-9)
    #expect(again.accuracy == training.testAccuracy)
    // Below the loss of guessing, ln 256 or ln 10, after some 70 to 110 steps.
    #expect(again.loss < (data.hasClasses ? 2.28 : 5.3))
    // The two starts led to different weights.
    let other = try await WeightFile.open(built[1].path)
    #expect(try other.read(graph.parameters.map(\.tensor)) != weights)
  }
}
