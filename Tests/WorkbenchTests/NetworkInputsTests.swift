import Foundation
import ModelGraph
import Networks
import Support
import Tensors
import Testing
import WeightFiles

@testable import Workbench

/// Arrays as examples of networks of several inputs.
@Suite("Arrays as inputs of a network") struct NetworkInputsTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "ModelGraphTests/Fixtures").path

  private static let two = ModelGraph(
    source: "test", channelOrder: .last,
    layers: [("a", [2]), ("b", [nil, 1])].map { name, shape in
      Layer(name: name, operation: .input, inputs: [], parameters: [], outputShape: shape)
    }, outputs: [])

  private func array(_ name: String?, _ shape: [Int], from first: Float = 0) -> NetworkInputs.Array
  {
    let count = shape.reduce(1, *)
    return NetworkInputs.Array(
      input: name, file: "\(name ?? "x").npy", shape: shape,
      values: (0..<count).map { first + Float($0) })
  }

  /// In each example its inputs stand one after another, in the order of the graph.
  @Test func examplesAreInterleaved() throws {
    let inputs = try NetworkInputs(
      [array("b", [2, 3, 1], from: 10), array("a", [2, 2])], of: Self.two)
    #expect(inputs.count == 2)
    #expect(!inputs.isOne)
    #expect(inputs.exampleShape == [5])
    #expect(inputs.values == [0, 1, 10, 11, 12, 2, 3, 13, 14, 15])
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let wrong: [[NetworkInputs.Array]] = [
      [array("a", [2])], [array("a", [2]), array("c", [3, 1])],
      [array(nil, [2]), array("b", [3, 1])],
      [array("a", [2]), array("a", [2]), array("b", [3, 1])],
      [array("a", [3]), array("b", [3, 1])],
      [array("a", [2]), array("b", [2, 3, 1])], [array("a", [4, 2]), array("b", [2, 3, 1])],
      [array("a", [1, 1, 2]), array("b", [3, 1])],
    ]
    for arrays in wrong {
      #expect(throws: Diagnostic.self) { try NetworkInputs(arrays, of: Self.two) }
    }
  }

  /// Against ONNX Runtime (`make_onnx_branch_fixtures.py`): both rates, one step and several, states that are
  /// not zero, gates that nodes put in order. Answers are about 1; sums in Float32 in another order.
  @Test(arguments: ["16x36", "8x20", "16x12"])
  func branchesAnswerAsInTheLibrary(_ name: String) async throws {
    let io = try await WeightFile.open("\(Self.folder)/branches_io.h5")
    let values = try io.read(["wave", "state", "y"].map { "\(name)/\($0)" })
    let arrays = try ["wave", "state"].map { input in
      let tensor = try #require(values["\(name)/\(input)"])
      return NetworkInputs.Array(
        input: input, file: "branches_io.h5", shape: tensor.shape, values: tensor.values)
    }
    let words = name.split(separator: "x")
    let readings = try ["rate=\(words[0])", "wave=[1,\(words[1])]"].map {
      try #require(Reading(word: $0))
    }
    let file = try await WeightFile.open("\(Self.folder)/branches.onnx")
    let graph = try ModelGraph(
      file.catalog, statement: GraphStatement(readings: Set(readings)))
    let inputs = try NetworkInputs(arrays, of: graph)
    let network = try Network(
      graph: graph, weights: try file.read(graph.parameters.map(\.tensor)), batchSize: 1)
    let answers = try network.forward(inputs.values, count: inputs.count)
    let expected = try #require(values["\(name)/y"])
    #expect(answers.count == expected.values.count)
    for (answer, wanted) in zip(answers, expected.values) { #expect(abs(answer - wanted) < 1e-5) }
  }
}
