import Catalogs
import Foundation
import ModelGraph
import Tensors
import Testing

/// Graphs of transformers and their kin, and which axes move together in them.
@Suite("Graphs of sequences")
struct SequenceGraphTests {
  private func groups(_ text: String, _ tensors: [(String, [Int])]) throws -> [String] {
    try ModelGraph(Catalog(tensors), describedBy: text).permutationGroups().map(withRuns)
  }

  /// A group in short, with the runs of every member that is no plain axis as `start/width`.
  private func withRuns(_ group: PermutationGroup) -> String {
    "\(group.name) \(group.size): "
      + group.members.map { member in
        let runs = member.runs.map { "\($0.start)/\($0.width)" }.joined(separator: ", ")
        return "\(member.tensor)[\(member.axis)]" + (runs == "0/1" ? "" : "(\(runs))")
      }.joined(separator: " ")
  }

  /// A block of GPT-2: queries, keys and values in one kernel, heads of 4 channels.
  @Test func fusedProjection() throws {
    let text = """
      channels: last
      layers:
        - {name: tokens, type: input, shape: [?]}
        - {name: wte, type: embedding, vocabulary: 11, size: 8}
        - {name: wpe, type: tableAddition}
        - {name: ln, type: layerNormalization}
        - {name: qkv, type: dense, units: 24, layout: keras}
        - {name: q, type: select, start: 0, width: 8, inputs: [qkv]}
        - {name: k, type: select, start: 8, width: 8, inputs: [qkv]}
        - {name: v, type: select, start: 16, width: 8, inputs: [qkv]}
        - {name: mixed, type: attention, heads: 2, causal: true, inputs: [q, k, v]}
        - {name: proj, type: dense, units: 8}
        - {name: sum, type: add, inputs: [wpe, proj]}
        - {name: head, type: dense, units: 11, tensors: {kernel: wte.weight}}
      """
    #expect(
      try groups(
        text,
        [
          ("wte.weight", [11, 8]), ("wpe.weight", [16, 8]), ("ln.weight", [8]), ("ln.bias", [8]),
          ("qkv.weight", [8, 24]), ("qkv.bias", [24]), ("proj.weight", [8, 8]), ("proj.bias", [8]),
        ]) == [
          "wte 8: wte.weight[1] wpe.weight[1] ln.weight[0] ln.bias[0] qkv.weight[0] "
            + "proj.weight[0] proj.bias[0]",
          "qkv 2: qkv.weight[1](0/4, 8/4, 16/4) qkv.bias[0](0/4, 8/4, 16/4) proj.weight[1](0/4)",
        ])
  }

  /// A block of Llama: two query heads share a head of keys and values; a gated hidden layer.
  @Test func groupedQueries() throws {
    let text = """
      channels: last
      layers:
        - {name: tokens, type: input, shape: [?]}
        - {name: embed, type: embedding, vocabulary: 11, size: 8}
        - {name: norm, type: rmsNormalization}
        - {name: q, type: dense, units: 16, inputs: [norm]}
        - {name: k, type: dense, units: 8, inputs: [norm]}
        - {name: v, type: dense, units: 8, inputs: [norm]}
        - {name: qn, type: rmsNormalization, blocks: 4, inputs: [q]}
        - {name: mixed, type: attention, heads: 4, keyValueHeads: 2, causal: true, rotary: {base: 500}, inputs: [qn, k, v]}
        - {name: o, type: dense, units: 8}
        - {name: sum, type: add, inputs: [embed, o]}
        - {name: up, type: dense, units: 6, inputs: [sum]}
        - {name: gate, type: dense, units: 6, inputs: [sum]}
        - {name: act, type: silu}
        - {name: gated, type: multiply, inputs: [act, up]}
        - {name: down, type: dense, units: 8}
        - {name: end, type: add, inputs: [sum, down]}
        - {name: head, type: dense, units: 11}
      """
    #expect(
      try groups(
        text,
        [
          ("embed.weight", [11, 8]), ("norm.weight", [8]), ("q.weight", [16, 8]),
          ("k.weight", [8, 8]), ("v.weight", [8, 8]), ("qn.weight", [4]), ("o.weight", [8, 16]),
          ("up.weight", [6, 8]), ("gate.weight", [6, 8]), ("down.weight", [8, 6]),
          ("head.weight", [11, 8]),
        ]) == [
          "embed 8: embed.weight[1] norm.weight[0] q.weight[1] k.weight[1] v.weight[1] "
            + "o.weight[0] up.weight[1] gate.weight[1] down.weight[0] head.weight[1]",
          "q 2: q.weight[0](0/8) k.weight[0](0/4) v.weight[0](0/4) o.weight[1](0/8)",
          "up 6: up.weight[0] gate.weight[0] down.weight[1]",
        ])
  }

  /// GPT-NeoX keeps queries, keys and values head by head; the mixing of tokens has hidden steps.
  @Test func interleavedHeadsAndHiddenSteps() throws {
    let text = """
      channels: last
      layers:
        - {name: x, type: input, shape: [5, 3]}
        - {name: stem, type: dense, units: 8}
        - {name: up, type: stepDense, units: 7}
        - {name: act, type: gelu}
        - {name: down, type: stepDense, units: 5}
        - {name: sum, type: add, inputs: [stem, down]}
        - {name: qkv, type: dense, units: 24}
        - {name: q, type: select, start: 0, width: 4, stride: 12, count: 2, inputs: [qkv]}
        - {name: k, type: select, start: 4, width: 4, stride: 12, count: 2, inputs: [qkv]}
        - {name: v, type: select, start: 8, width: 4, stride: 12, count: 2, inputs: [qkv]}
        - {name: mixed, type: attention, heads: 2, inputs: [q, k, v]}
        - {name: proj, type: dense, units: 2}
      """
    #expect(
      try groups(
        text,
        [
          ("stem.weight", [8, 3]), ("up.weight", [7, 5]), ("up.bias", [7]),
          ("down.weight", [5, 7]), ("qkv.weight", [24, 8]), ("proj.weight", [2, 8]),
        ]) == [
          "stem 8: stem.weight[0] qkv.weight[1]", "up 7: up.weight[0] up.bias[0] down.weight[1]",
          "qkv 2: qkv.weight[0](0/12) proj.weight[1](0/4)",
        ])
  }

  /// A table and a last kernel that are equal copies are one tensor for a library that ties them when it
  /// loads the file (seen with BERT: moved apart, the library's outputs were 0.6 away). What meets either
  /// stays. Tried beside it: one tensor under two names (moves as one), other numbers (both move).
  @Test(arguments: [(true, false), (false, false), (true, true)])
  func copiesOfTablesStay(_ isCopy: Bool, _ isShared: Bool) throws {
    var builder = ModelGraph.Builder(source: "made", channelOrder: .last)
    let tokens = try builder.input(shape: [nil])
    let table = try builder.add(
      "table", .embedding(vocabulary: 5, size: 3, masksZero: false), inputs: [tokens],
      parameters: [
        Parameter(role: .embeddings, tensor: "table", shape: [5, 3], axes: [.fixed, .output])
      ])
    let hidden = try builder.add(
      "hidden", .dense(units: 3), inputs: [table],
      parameters: [
        Parameter(role: .kernel, tensor: "hidden", shape: [3, 3], axes: [.output, .input])
      ])
    let head = try builder.add(
      "head", .dense(units: 5), inputs: [hidden],
      parameters: [
        Parameter(role: .kernel, tensor: "head", shape: [5, 3], axes: [.output, .input])
      ])
    builder.be(.recognised)
    var graph = try builder.finish(outputs: [head])
    if isShared {
      graph.sharedStorage = [SharedStorage(names: ["table", "head"], isOneTensor: true)]
    }
    let numbers = (0..<15).map { Float($0 * $0 % 7) + 0.5 }
    let weights: Weights = [
      "table": Tensor(shape: [5, 3], values: numbers),
      "hidden": Tensor(shape: [3, 3], values: (0..<9).map { Float($0) }),
      "head": Tensor(shape: [5, 3], values: isCopy ? numbers : numbers.map { $0 + 1 }),
    ]
    let held = graph.holdingEqualKernels(in: weights)
    let isHeld = isCopy && !isShared
    #expect(held.heldLayers.isEmpty != isHeld)
    #expect(try held.permutationGroups().isEmpty == isHeld)
    #expect(held.assumptions.isEmpty != isHeld)
  }
}
