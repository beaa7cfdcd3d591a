import Foundation
import ModelGraph
import Tensors
import Testing
import WeightFiles

@testable import Networks

/// Tiny transformers of the real libraries, described in files, against what they answered in Float64
/// (Fixtures/make_sequences.py).
///
/// Between them: fused, separate and interleaved projections, tied embeddings, learned positions, whole
/// and partial rotary embedding of both layouts and of stretched contexts, grouped queries, a window of
/// steps, ALiBi for a number of heads that is no power of two, buckets of distances, shifted windows of
/// a picture and their merging, class tokens, gated units, experts, a state-space block, PyTorch's own
/// attention, group norm and PReLU.
@Suite struct SequenceFrameworkTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/sequences")

  /// Float32 against Float64, after up to four blocks whose answers are of size 1 to 20: 1e-5 of the
  /// largest answer; the worst seen is 2e-6.
  @Test(arguments: [
    "gpt2", "llama", "llama_linear", "mistral", "mixtral", "neox", "gptj", "bloom", "t5", "bert",
    "vit", "swin", "mamba", "blocks",
  ])
  func `agrees with the real library`(_ name: String) async throws {
    let file = try await WeightFile.open(
      Self.folder.appendingPathComponent("weights.safetensors").path)
    let graph = try ModelGraph(
      file.catalog,
      statement: GraphStatement(file: Self.folder.appendingPathComponent("\(name).yaml").path))
    let weights = try file.read(graph.parameters.map(\.tensor))
    let answers = try await WeightFile.open(
      Self.folder.appendingPathComponent("answers.safetensors").path)
    let input = try answers.read(try answers.entry(named: "\(name).input"))
    let output = try answers.read(try answers.entry(named: "\(name).output"))
    // Batches of two of three examples, and one batch of all.
    for batch in [2, 3] {
      let network = try Network(
        graph: graph, weights: weights, batchSize: batch, inputShape: Array(input.shape.dropFirst())
      )
      #expect(network.outputShape == Array(output.shape.dropFirst()))
      let found = try network.forward(input.values, count: input.shape[0])
      expectClose(found.map(Double.init), output.values.map(Double.init), 1e-5)
    }
  }
}
