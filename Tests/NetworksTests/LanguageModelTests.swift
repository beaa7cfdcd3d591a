import Foundation
import LinearAlgebra
import ModelGraph
import Support
import Tensors
import Testing

@testable import Datasets
@testable import Networks

/// Texts as data, the next token as what is answered, and temperatures.
///
/// Tried by hand with trained zoo files: `evaluate` of a GPT and a Llama agrees with transformers 4.36.2 in
/// Float64 on the same rows to 5e-8 (3.0928196, 2.9095576), and the best temperature with a grid of its
/// own; one row of int32, rows of int64, `tokens` in an .npz, shifted pairs in an .npz (the same loss), a
/// text, windows of 32 are read; ids that are no tokens of the network, windows longer than the table of
/// positions or than the text, and images are errors.
@Suite struct LanguageModelTests {
  @Test func `a long row is cut into windows that overlap by one token`() throws {
    let row = (0..<100).map(Float.init)
    let train = try TokenWindows.dataset(row, length: 8, split: .train)
    // 90 tokens: 12 windows of 7 new tokens each.
    #expect(train.count == 12 && train.exampleShape == [8] && !train.hasClasses)
    #expect(Array(train.examples[..<8]) == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(Array(train.examples[8..<16]) == [7, 8, 9, 10, 11, 12, 13, 14])
    let test = try TokenWindows.dataset(row, length: 8, split: .test)
    #expect(test.count == 1 && test.examples.first == 90)
    #expect(throws: Diagnostic.self) { try TokenWindows.dataset(row, length: 11, split: .test) }
    #expect(throws: Diagnostic.self) { try TokenWindows.dataset([], length: 2, split: .train) }
    #expect(throws: Diagnostic.self) { try TokenWindows.dataset(row, length: 1, split: .train) }
  }

  @Test func `texts and rows of integers are tokens`() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("wsl-text-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func load(_ name: String, _ bytes: [UInt8], window: Int? = nil) async throws -> Dataset {
      let file = folder.appendingPathComponent(name)
      try Data(bytes).write(to: file)
      return try await DataSource.load(file.path, split: .train, window: window)
    }
    let text = Array("It was the best of times, it was the wurst of times.".utf8)
    let bytes = try await load("a.txt", text, window: 5)
    #expect(bytes.exampleShape == [5] && Array(bytes.examples[..<5]) == [73, 116, 32, 119, 97])
    func npy(_ shape: String, _ values: [UInt8]) -> [UInt8] {
      let header = "{'descr': '<u2', 'fortran_order': False, 'shape': \(shape), }\n"
      return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]
        + Array(header.utf8) + values.flatMap { [$0, 1] }
    }
    let row = try await load("row.npy", npy("(20,)", (0..<20).map { $0 }), window: 4)
    #expect(row.exampleShape == [4] && Array(row.examples[..<4]) == [256, 257, 258, 259])
    // Rows of ids are windows already, and are no pixels for a network that reads a table.
    let rows = try await load("rows.npy", npy("(2, 3)", [7, 8, 9, 1, 2, 3]))
    let graph = try Self.model(vocabulary: 300, width: 4)
    #expect(
      try rows.adapted(to: [3], for: graph).examples == [263, 264, 265, 257, 258, 259])
    let austen = try await DataSource.load("austen", split: .train)
    #expect(austen.exampleShape == [64] && austen.count > 2000)
    #expect(austen.examples.allSatisfy { (0..<128).contains($0) })
  }

  /// An embedding and a dense layer of its rows.
  private static func model(vocabulary: Int, width: Int) throws -> ModelGraph {
    var builder = ModelGraph.Builder(source: "test", channelOrder: .last)
    let tokens = try builder.input(shape: [nil])
    let rows = try builder.add(
      "rows", .embedding(vocabulary: vocabulary, size: width, masksZero: false), inputs: [tokens],
      parameters: [
        Parameter(
          role: .embeddings, tensor: "rows", shape: [vocabulary, width], axes: [.fixed, .output])
      ])
    let last = try builder.add(
      "head", .dense(units: vocabulary), inputs: [rows],
      parameters: [
        Parameter(
          role: .kernel, tensor: "head", shape: [vocabulary, width], axes: [.output, .input])
      ])
    return try builder.finish(outputs: [last])
  }

  /// Sums of four products in Float32, then Float64: 1e-6.
  @Test func `the loss is the cross-entropy of the next tokens`() throws {
    let graph = try Self.model(vocabulary: 5, width: 4)
    let tokens: [Float] = [0, 3, 1, 4, 2, 2, 0, 1]
    let data = try Dataset(examples: tokens, exampleShape: [4], targets: nil)
    let evaluator = try Evaluator(graph: graph, dataset: data, jobs: 1)
    // Weights that know something of the tokens: at no end of the range is the loss smallest.
    let weights = try #require(
      try (0..<100).lazy.map { randomWeights(graph, seed: $0) }.first {
        (0.2...5).contains(try evaluator.temperedLoss($0)?.temperature ?? 0)
      })
    #expect(evaluator.objective.target == .nextTokens)
    let found = try evaluator.evaluate(weights)

    let rows = try #require(weights["rows"]?.values.map(Double.init))
    let head = try #require(weights["head"]?.values.map(Double.init))
    func logits(_ token: Float) -> [Double] {
      (0..<5).map { unit in
        (0..<4).reduce(0) { $0 + rows[Int(token) * 4 + $1] * head[unit * 4 + $1] }
      }
    }
    func loss(_ sharpness: Double) -> (loss: Double, right: Double) {
      var (total, right) = (0.0, 0.0)
      for start in [0, 4] {
        for place in start..<start + 3 {
          let values = logits(tokens[place]).map { $0 * sharpness }
          let next = Int(tokens[place + 1])
          total += (log(values.reduce(0) { $0 + exp($1) }) - values[next]) / 6
          if values.max() == values[next] { right += 1.0 / 6 }
        }
      }
      return (total, right)
    }
    #expect(abs(found.loss - loss(1).loss) < 1e-6)
    #expect(abs(found.accuracy - loss(1).right) < 1e-9)

    // The best of many temperatures, by a search of its own.
    let best = try #require(try evaluator.temperedLoss(weights))
    let grid = (1...6400).map { loss(Double($0) / 100) }.map(\.loss).min() ?? 0
    #expect(best.loss <= grid + 1e-6 && best.loss <= found.loss + 1e-9)
    #expect(abs(loss(1 / best.temperature).loss - best.loss) < 1e-6)
    // Outputs three times as large have the same loss at three times the temperature.
    var larger = weights
    larger["head"] = weights["head"].map {
      Tensor(shape: $0.shape, values: $0.values.map { $0 * 3 })
    }
    let tripled = try #require(try evaluator.temperedLoss(larger))
    #expect(abs(tripled.loss - best.loss) < 1e-6)
    #expect(abs(tripled.temperature / best.temperature - 3) < 1e-2)
  }

  @Test func `classes at every step, and labels that are the tokens`() throws {
    let graph = try Self.model(vocabulary: 4, width: 3)
    let tokens: [Float] = [0, 3, 1, 2, 2, 0]
    func objective(_ labels: [Float]) throws -> Evaluator {
      let data = try Dataset(
        examples: tokens, exampleShape: [3],
        targets: Dataset.Targets(values: labels, shape: [3]))
      return try Evaluator(graph: graph, dataset: data, jobs: 1)
    }
    #expect(try objective([1, 1, 0, 3, -100, 2]).objective.target == .stepClasses)
    #expect(try objective(tokens).objective.target == .nextTokens)
    #expect(throws: Diagnostic.self) { try objective([1, 1, 4, 0, 0, 0]) }
    #expect(throws: Diagnostic.self) { try objective([1, 1, 0.5, 0, 0, 0]) }
    // A token that the network does not know.
    let wrong = try Dataset(examples: [0, 4, 1], exampleShape: [3], targets: nil)
    #expect(throws: Diagnostic.self) { try Evaluator(graph: graph, dataset: wrong, jobs: 1) }
  }

  /// Central differences at 1e-4 of outputs in Float32: 1e-3 of a gradient of size 0.1.
  @Test(arguments: [0, 0.1])
  func `the gradient of step targets`(_ smoothing: Double) throws {
    let targets = try StepTargets(numbers: [2, -1, 0, 1, 1, -1], steps: 3, classes: 3)
    var generator = SeededGenerator(seed: 5)
    var outputs = (0..<18).map { _ in Float(generator.normal()) }
    var gradient = [Float](repeating: .nan, count: 18)
    _ = targets.evaluate(
      outputs, examples: 0..<2, labelSmoothing: smoothing, gradient: &gradient)
    for place in outputs.indices {
      let old = outputs[place]
      func loss(_ value: Float) -> Double {
        outputs[place] = value
        return targets.evaluate(outputs, examples: 0..<2, labelSmoothing: smoothing).loss / 2
      }
      let slope = (loss(old + 1e-2) - loss(old - 1e-2)) / 2e-2
      outputs[place] = old
      #expect(abs(slope - Double(gradient[place])) < 1e-4, "\(place)")
    }
    // Steps that do not count have no gradient.
    #expect(gradient[3..<6].allSatisfy { $0 == 0 } && gradient[15...].allSatisfy { $0 == 0 })
  }

  /// Every token of a cycle tells the next: the loss goes to nothing.
  @Test func `a model learns a cycle of tokens`() throws {
    let graph = try Self.model(vocabulary: 7, width: 8)
    let row = (0..<700).map { Float($0 * 3 % 7) }
    let data = try TokenWindows.dataset(row, length: 8, split: .train)
    let test = try TokenWindows.dataset(row, length: 8, split: .test)
    let result = try Trainer.train(
      graph: graph, on: data, validation: test,
      options: TrainingOptions(epochs: 12, batchSize: 8, learningRate: 0.02, seed: 1))
    let last = try #require(result.history.last?.validation)
    #expect(last.accuracy == 1 && last.loss < 0.05, "\(last)")
    #expect(throws: Diagnostic.self) {
      try Trainer.train(
        graph: graph, on: data,
        options: TrainingOptions(epochs: 1, augmentation: Augmentation(maximumShift: 1)))
    }
  }
}
