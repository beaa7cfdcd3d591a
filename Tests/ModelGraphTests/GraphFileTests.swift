import Catalogs
import Foundation
import ModelGraph
import Testing

@Suite("Descriptions in YAML")
struct GraphFileTests {
  private func graph(_ text: String, _ tensors: [(String, [Int])]) throws -> ModelGraph {
    try ModelGraph(Catalog(tensors), describedBy: text)
  }

  private let residual = """
    channels: first
    layers:
      - {name: x, type: input, shape: [3, 8, 8]}
      - {name: stem, type: conv2d, filters: 4, kernel: 3, padding: 1}
      - {name: norm, type: batchNormalization, epsilon: 1.0e-5}
      - {name: act, type: relu}
      - {name: blocks.0.conv, type: conv2d, filters: 4, kernel: [3, 3], padding: [[1, 1], [1, 1]]}
      - {name: sum, type: add, inputs: [blocks.0.conv, act]}
      - {name: pool, type: globalAveragePooling}
      - {name: head, type: dense, units: 2, tensors: {kernel: final/w, bias: final/b}}
    outputs: head
    """

  private let tensors: [(String, [Int])] = [
    ("stem.weight", [4, 3, 3, 3]), ("stem.bias", [4]), ("norm.weight", [4]), ("norm.bias", [4]),
    ("norm.running_mean", [4]), ("norm.running_var", [4]), ("blocks/0/conv/weight", [4, 4, 3, 3]),
    ("final/w", [2, 4]), ("final/b", [2]), ("extra", [7]),
  ]

  @Test func residualNetwork() throws {
    let net = try graph(residual, tensors)
    #expect(net.source == "graph file")
    #expect(
      try net.permutationGroups().map(short) == [
        "stem 4: stem.weight[0] stem.bias[0] norm.weight[0] norm.bias[0] norm.running_mean[0]! "
          + "norm.running_var[0]! blocks/0/conv/weight[0] blocks/0/conv/weight[1] final/w[1]"
      ])
    #expect(net.skipped.map(\.name) == ["extra"])
    #expect(net.whyNotRunnable == nil)
  }

  @Test(arguments: [
    ("filters: 4, kernel: 3", "filters: 5, kernel: 3", "stem"),
    ("inputs: [blocks.0.conv, act]", "inputs: [blocks.0.conv, later]", "sum"),
    ("final/w", "nowhere", "head"), ("units: 2", "units: many", "head"),
    ("type: input, shape: [3, 8, 8]", "type: input, shape: [3, -8, 8]", "x"),
    ("name: act", "name: norm", "norm"), ("type: globalAveragePooling", "type: mystery", "pool"),
  ])
  func mistakes(_ old: String, _ new: String, _ layer: String) {
    let text = message { _ = try graph(residual.replacingOccurrences(of: old, with: new), tensors) }
    #expect(text.contains("› \(layer): "), "\(text)")
    #expect(text.contains("line "), "\(text)")
  }

  private static let steps = """
    layers:
      - {name: x, type: input, shape: [7, 6]}
      - {name: rnn, type: lstm, units: 8}
      - {name: fc, type: dense, units: 3}
    """

  private static let lstm = [
    ("rnn.weight_ih_l0", [32, 6]), ("rnn.weight_hh_l0", [32, 8]), ("rnn.bias_ih_l0", [32]),
    ("rnn.bias_hh_l0", [32]), ("fc.weight", [3, 8]), ("fc.bias", [3]),
  ]

  @Test("PyTorch's recurrent layers are found by their module's name, or by that of a kernel")
  func recurrentOfPyTorch() throws {
    let named = Self.steps.replacing(
      "units: 8", with: "units: 8, tensors: {kernel: rnn.weight_ih_l0, bias: rnn.bias_ih_l0}")
    for text in [Self.steps, named.replacing("name: rnn", with: "name: any")] {
      let graph = try graph(text, Self.lstm)
      #expect(graph.channelOrder == .last && graph.skipped.isEmpty)
      let group = try #require(try graph.permutationGroups().first)
      // The second bias is not forgotten where the description names the first alone.
      #expect(group.size == 8 && group.members.count == 6)
      #expect(group.members.contains { $0.tensor == "rnn.bias_hh_l0" && $0.runs.count == 4 })
    }
  }

  @Test(
    "descriptions that PyTorch's tensors contradict name the layer",
    arguments: [
      ("lstm", "gru"), ("units: 8", "units: 9"), ("units: 8", "goesBackwards: 3"),
      ("layers:", "channels: first\nlayers:"),
      ("units: 8", "tensors: {kernel: rnn.weight_ih_l0, recurrentKernel: fc.weight}"),
    ])
  func recurrentMistakes(_ old: String, _ new: String) {
    #expect {
      try graph(Self.steps.replacing(old, with: new), Self.lstm)
    } throws: {
      "\($0)".contains("rnn")
    }
  }

  @Test func notADescription() {
    #expect(message { _ = try graph("layers: [", []) }.contains("not YAML"))
    #expect(message { _ = try graph("a: 1", []) }.contains("lists no layers"))
    let missing = message {
      _ = try ModelGraph(Catalog([]), statement: GraphStatement(file: "/nowhere/graph.yaml"))
    }
    #expect(missing.contains("cannot read"))
  }
}
