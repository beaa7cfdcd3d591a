import Foundation
import ModelGraph
import Support
import Tensors
import Testing
import WeightFiles

@testable import Datasets
@testable import Networks

/// Losses other than the cross-entropy of classes, against Keras.
///
/// Tried by hand with the built tool beside Keras's `evaluate`, to six digits each: one output behind a sigmoid and
/// as a logit, two and three outputs behind a softmax with whole and one-hot labels, four labels behind
/// sigmoids, regressions of one and three numbers, whole numbers stored as floats, dense and convolutional
/// autoencoders with and without labels and with a change of shape at the end, images as labels. Refused in one
/// line: four labels without a sigmoid, labels of −1 and 1, one output for three classes, a tanh at the end,
/// numbers behind a softmax.
@Suite("Objectives") struct ObjectiveTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/losses")

  struct Expected: Decodable {
    var loss: Double
    var accuracy: Double?
    var binaryCrossEntropy: Double?
  }

  private func load(
    _ name: String
  ) async throws -> (graph: ModelGraph, weights: Weights, data: Networks.Dataset, Expected) {
    let file = try await WeightFile.open(Self.folder.appendingPathComponent("\(name).keras").path)
    let graph = try ModelGraph(file.catalog)
    let data = try await DataSource.load(
      Self.folder.appendingPathComponent("\(name).npz").path, split: .test)
    let all = try JSONDecoder().decode(
      [String: Expected].self,
      from: Data(contentsOf: Self.folder.appendingPathComponent("expected.json")))
    return (graph, try file.read(graph.parameters.map(\.tensor)), data, try #require(all[name]))
  }

  /// Keras's losses are means in Float32.
  @Test(arguments: [
    ("sigmoid", Loss.binaryCrossEntropy, Objective.Target.classes),
    ("logit", .binaryCrossEntropy, .classes), ("one_hot", .crossEntropy, .classes),
    ("several", .binaryCrossEntropy, .numbers), ("regression", .meanSquaredError, .numbers),
    ("autoencoder", .meanSquaredError, .inputs), ("images", .meanSquaredError, .inputs),
  ])
  func `data and network decide, and Keras agrees`(
    _ name: String, _ loss: Loss, _ target: Objective.Target
  ) async throws {
    let (graph, weights, data, expected) = try await load(name)
    let evaluator = try Evaluator(graph: graph, dataset: data, batchSize: 7)
    #expect(evaluator.objective.loss == loss && evaluator.objective.target == target)
    #expect((evaluator.objective.statement == nil) == (loss == .crossEntropy))
    let found = try evaluator.evaluate(weights)
    #expect(abs(found.loss - expected.loss) < 2e-6 * max(1, expected.loss))
    if let accuracy = expected.accuracy {
      #expect(abs(found.accuracy - accuracy) < 1e-6)
    } else {
      #expect(found.accuracy.isNaN)
      #expect(evaluator.objective.statement?.contains("there is no accuracy") == true)
    }
    // Whatever the examples are drawn in.
    let part = data.taking([5, 3])
    let two = try Evaluator(graph: graph, dataset: part).evaluate(weights)
    let single = try [5, 3].map {
      try Evaluator(graph: graph, dataset: data.taking([$0])).evaluate(weights).loss
    }
    #expect(abs(two.loss - (single[0] + single[1]) / 2) < 1e-6)
  }

  @Test func `a stated loss counts`() async throws {
    let (graph, weights, data, expected) = try await load("images")
    var stated = data
    stated.loss = .binaryCrossEntropy
    let found = try Evaluator(graph: graph, dataset: stated).evaluate(weights)
    let wanted = try #require(expected.binaryCrossEntropy)
    #expect(abs(found.loss - wanted) < 2e-6)
    stated.loss = .crossEntropy
    #expect(throws: Diagnostic.self) { try Evaluator(graph: graph, dataset: stated) }
  }

  /// The slope along every weight's gradient, by a central difference in Float32: three digits.
  @Test(arguments: [
    "sigmoid", "logit", "one_hot", "several", "regression", "autoencoder", "images",
  ])
  func `gradients are those of the loss`(_ name: String) async throws {
    let (graph, weights, data, _) = try await load(name)
    let gradient = try LossGradient(graph: graph, dataset: data, batchSizes: [data.count])
    let all = Array(0..<data.count)
    let found = try gradient.evaluate(weights, examples: all)
    let evaluator = try Evaluator(graph: graph, dataset: data)
    #expect(abs(found.loss - (try evaluator.evaluate(weights).loss)) < 1e-5 * max(1, found.loss))
    var square = 0.0
    for tensor in found.gradients.values {
      for value in tensor.values { square += Double(value) * Double(value) }
    }
    func moved(_ step: Double) throws -> Double {
      var other = weights
      for (tensor, slope) in found.gradients {
        for index in slope.values.indices {
          other[tensor]?.values[index] += Float(step / square.squareRoot()) * slope.values[index]
        }
      }
      return try evaluator.evaluate(other).loss
    }
    let slope = (try moved(0.01) - (try moved(-0.01))) / 0.02
    #expect(square > 1e-6)
    #expect(abs(slope - square.squareRoot()) < 5e-3 * max(1, square.squareRoot()))
  }

  private func outputs(_ count: Int, _ activation: Activation?) throws -> ModelGraph {
    var builder = ModelGraph.Builder(source: "test", channelOrder: .last)
    let input = try builder.input(shape: [6])
    var last = try builder.add(
      "a", .dense(units: count), inputs: [input],
      parameters: [
        Parameter(role: .kernel, tensor: "k", shape: [6, count], axes: [.input, .output])
      ])
    if let activation { last = try builder.add("b", .activation(activation), inputs: [last]) }
    return try builder.finish(outputs: [last])
  }

  private func numbers(_ values: [Float], _ shape: [Int]) throws -> Networks.Dataset {
    let count = values.count / shape.reduce(1, *)
    return try Dataset(
      examples: (0..<count * 6).map { Float($0 % 5) }, exampleShape: [6],
      answers: NumericArray(
        shape: [count] + shape, elementType: .float32,
        bytes: values.flatMap { withUnsafeBytes(of: $0) { Array($0) } }
      ).answers())
  }

  @Test func `what several losses would fit is refused`() throws {
    func message(_ graph: ModelGraph, _ data: Networks.Dataset) -> String {
      do { return "\(try Evaluator(graph: graph, dataset: data).objective.loss)" } catch {
        return "\(error)"
      }
    }
    let labels = try numbers([1, 1, 0, 0, 1, 1], [3])
    #expect(message(try outputs(3, nil), labels).contains("several losses would fit"))
    #expect(message(try outputs(3, .softmax), labels).contains("ends in a softmax"))
    #expect(message(try outputs(2, nil), labels).contains("of shape [3]"))
    #expect(message(try outputs(1, nil), try numbers([-1, 1, -1], [])).contains("−1 and 1"))
    #expect(message(try outputs(1, .tanh), try numbers([0, 1, 1], [])).contains("ends in tanh"))
    let classes = try Dataset(
      examples: (0..<18).map { Float($0) }, exampleShape: [6], labels: [0, 1, 2])
    #expect(message(try outputs(1, nil), classes).contains("'evaluator'"))
    #expect(message(try outputs(2, nil), classes).contains("the data have 3 classes"))
    let alone = try Dataset(examples: classes.examples, exampleShape: [6], targets: nil)
    #expect(message(try outputs(2, nil), alone).contains("no labels"))
    #expect(message(try outputs(6, nil), alone) == "meanSquaredError")
    // Ten features, ten classes of which nine occur: no autoencoder.
    #expect(message(try outputs(6, nil), classes) == "crossEntropy")
  }

  @Test func `numbers that are no labels of these examples are refused`() throws {
    #expect(throws: Diagnostic.self) { try numbers([.nan, 1.5], []) }
    #expect(throws: Diagnostic.self) {
      try Dataset(
        examples: [1, 2], exampleShape: [1], targets: .init(values: [1, 2, 3], shape: []))
    }
    #expect(throws: Diagnostic.self) {
      try Dataset(examples: [1, 2], exampleShape: [1], targets: nil).requireClasses()
    }
  }
}
