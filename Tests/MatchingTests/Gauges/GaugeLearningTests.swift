import LinearAlgebra
import ModelGraph
import Networks
import Support
import Tensors
import Testing

@testable import Matching

/// What is learned on the loss between two networks, and tensors that count by their cosines.
@Suite("Learned symmetries")
struct GaugeLearningTests {
  /// Two networks with other random weights, and sequences of tokens that count up in steps of three.
  private func pair(_ sketch: TransformerSketch) throws -> (
    graph: ModelGraph, a: Weights, b: Weights, data: Dataset
  ) {
    let (graph, a) = try sketch.made()
    var other = sketch
    other.seed = 9
    let tokens = (0..<48).flatMap { start in
      (0..<6).map { Float((start + 3 * $0) % sketch.vocabulary) }
    }
    let data = try Dataset(examples: tokens, exampleShape: [6], targets: nil)
    return (graph, a, try other.made().weights, data)
  }

  private func loss(_ graph: ModelGraph, _ weights: Weights, _ data: Dataset) throws -> Double {
    try Evaluator(graph: graph, dataset: data).evaluate(weights).loss
  }

  private func middle(_ a: Weights, _ b: Weights) -> Weights {
    var result = a
    for (name, tensor) in a {
      guard let other = b[name] else { continue }
      result[name] = Tensor(
        shape: tensor.shape, values: zip(tensor.values, other.values).map { 0.5 * ($0 + $1) })
    }
    return result
  }

  /// The loss at the midpoint falls below that of comparing weights, and B computes what it computed;
  /// what is measured is the mean of A and the changed file, not the search's own forms.
  @Test(arguments: [TransformerSketch.gpt, .llama], [SymmetryLevel.signed, .orthogonal])
  func lossFalls(_ sketch: TransformerSketch, _ level: SymmetryLevel) throws {
    let (graph, a, b, data) = try pair(sketch)
    var options = GaugeMatching.Options()
    options.level = level
    let plain = try GaugeMatching.match(a, b, graph: graph, options: options)
    #expect(plain.learning == nil)
    var learning = GaugeLearning(examples: data)
    learning.batchSize = 8
    learning.epochs = 4
    learning.learningRate = 0.02
    options.learning = learning
    let learned = try GaugeMatching.match(a, b, graph: graph, options: options)
    let told = try #require(learned.learning)
    #expect(told.steps == 24)
    let before = try loss(graph, middle(a, try plain.transform.applied(to: b)), data)
    let changed = try learned.transform.applied(to: b)
    let after = try loss(graph, middle(a, changed), data)
    // The same 48 examples, by batches there; 1e-3 is the rounding of A's own form in Float32.
    #expect(abs(told.lossBefore - before) < 1e-3 * before)
    #expect(abs(told.lossAfter - after) < 1e-3 * after)
    #expect(after < before - 0.01)
    let (original, kept) = (try loss(graph, b, data), try loss(graph, changed, data))
    #expect(abs(original - kept) < 1e-4 * original)
    // The weights are farther apart than where they alone were compared.
    #expect(learned.objectiveAfter > plain.objectiveAfter)
    let again = try GaugeMatching.match(a, b, graph: graph, options: options)
    #expect(again.transform == learned.transform)
  }

  /// A table of small numbers, the same in both, says as much as a large kernel where cosines are compared. By
  /// their sizes the kernels, which have nothing in common, turn the stream as noise has it.
  @Test func cosinesCountSmallTensors() throws {
    let (graph, a, b, _) = try pair(.llama)
    let table = try #require(a["embed.weight"])
    let little = Tensor(shape: table.shape, values: table.values.map { 0.01 * $0 })
    let small = a.merging(["embed.weight": little]) { $1 }
    let other = b.merging(["embed.weight": little]) { $1 }
    var options = GaugeMatching.Options()
    func cosine(_ found: GaugeMatch) throws -> Double {
      let changed = try found.transform.applied(to: other)
      let own = try #require(small["embed.weight"]).values
      let moved = try #require(changed["embed.weight"]).values
      return dotProduct(own, moved) / (squareSum(own) * squareSum(moved)).squareRoot()
    }
    let linear = try GaugeMatching.match(small, other, graph: graph, options: options)
    options.usesCosines = true
    let cosines = try GaugeMatching.match(small, other, graph: graph, options: options)
    #expect(try cosine(cosines) > cosine(linear) + 0.1)
    for (before, after) in zip(cosines.objectives, cosines.objectives.dropFirst()) {
      #expect(after <= before + 1e-6)
    }
    // The squared distance that both report is that of the canonical forms as they are.
    #expect(cosines.objectiveBefore == linear.objectiveBefore)
    #expect(cosines.objectiveAfter >= linear.objectiveAfter)
    #expect(cosines.objectiveAfter < cosines.objectiveBefore)
  }
}
