import Catalogs
import ModelGraph
import Support
import Testing

/// Keras's attention and the layers that stand beside it, by the real Keras. That the groups are
/// symmetries is shown where networks are run, and by Keras itself: `Fixtures/make_attention_fixtures.py
/// judge WSL` permutes every group at random and matches two of each network; the outputs differed by
/// less than 1e-6 of their size in all of these and in `scores`, `masked`, `nested`, `picture`, `additive`,
/// `odd_equations`, `seen_twice` and `slopes`, at `.keras` and `.h5`.
@Suite("Keras's attention")
struct KerasAttentionTests {
  struct Kind: Sendable, CustomTestStringConvertible {
    var file: String
    var groups: [String]
    var testDescription: String { file }
  }

  static let kinds = [
    // Both tables, three kernels and the output's kernel and bias of two layers, norms, two blocks, head.
    Kind(
      file: "heads_self.keras",
      groups: ["tokens 6 25", "one/query 3 7", "a_up 12 3", "two/query 2 7", "b_up 12 3"]),
    Kind(
      file: "heads_cross.keras",
      groups: ["q0 7 3", "v0 6 3", "k0 5 3", "heads/query 3 4", "heads/output 8 2"]),
    Kind(
      file: "heads_cross.h5",
      groups: ["q0 7 3", "v0 6 3", "k0 5 3", "heads/query 3 4", "heads/output 8 2"]),
    // Heads that share keys and values move together: so many units as there are keys.
    Kind(
      file: "heads_shared.keras", groups: ["first 8 16", "grouped/query 2 7", "gated/query 3 9"]),
    Kind(file: "heads_shared.h5", groups: ["first 8 16", "grouped/query 2 7", "gated/query 3 9"]),
    // A single head has channels that may change places, those of its values apart.
    Kind(
      file: "heads_gated.keras",
      groups: [
        "first 6 6", "gated/query 2 9", "gated/output 6 5", "alone/query 5 4", "alone/value 5 3",
        "alone/output 6 3",
      ]),
    Kind(file: "plain_attention.keras", groups: ["encoder 6 10", "values 7 3"]),
    // The channels of a group of the normalisation move among themselves.
    Kind(
      file: "normalised.keras",
      groups: [
        "c1#1 2 8", "c1#2 2 8", "c1#3 2 8", "c2 4 5", "c3 5 3", "d1 7 3", "d2 6 5", "d3 8 3",
      ]),
    Kind(file: "spread.keras", groups: ["d1 6 4"]),
    Kind(file: "einsum.keras", groups: ["e1 6 3", "joined 7 3", "turned 6 2", "e2 5 3"]),
    Kind(
      file: "repeated.keras", groups: ["d1 5 3", "each 6 5", "gru 4 5"]),
    Kind(file: "film.keras", groups: ["c1 4 8", "c2 5 3", "lstm 4 5"]),
  ]

  @Test(arguments: kinds)
  func hasItsGroups(kind: Kind) async throws {
    let graph = try await Fixture.graph(kind.file)
    let groups = try graph.permutationGroups()
    #expect(groups.map { "\($0.name) \($0.size) \($0.members.count)" } == kind.groups)
    #expect(graph.layersLeftAlone.isEmpty)
    #expect(graph.whyNotRunnable == nil)
  }

  /// The heads of a kernel [inputs, heads, width] are its second axis, one entry each.
  @Test func headsAreAnAxisOfTheFile() async throws {
    let graph = try await Fixture.graph("heads_shared.h5")
    let heads = try #require(graph.permutationGroups().first { $0.name == "grouped/query" })
    let query = try #require(heads.members.first { $0.tensor.hasSuffix("query/kernel") })
    // Four query heads for two of keys: two neighbours are one unit.
    #expect(query.axis == 1 && query.runs == [.init(start: 0, width: 2)])
    let output = try #require(heads.members.first { $0.tensor.hasSuffix("output/kernel") })
    #expect(output.axis == 0 && output.runs == [.init(start: 0, width: 2)])
    let key = try #require(heads.members.first { $0.tensor.hasSuffix("key/bias") })
    #expect(key.axis == 0 && key.runs == [.init(start: 0, width: 1)])
  }

  @Test func callsSayWhatTheyAreGiven() async throws {
    let own = try await Fixture.graph("heads_self.keras")
    let causal = own.layers.map { layer in
      if case .attention(let attention) = layer.operation { attention.isCausal } else { false }
    }
    #expect(causal.filter { $0 }.count == 1)
    // Queries, values and keys from three inputs: the key is named, the others are not.
    let cross = try await Fixture.graph("heads_cross.keras")
    let names = ["heads/query", "heads/key", "heads/value"].map { name in
      cross.layers.first { $0.name == name }.map { cross.layers[$0.inputs[0]].name }
    }
    #expect(names == ["q0/relu", "k0/relu", "v0/relu"])
  }

  @Test func kernelsOfThreeAxesAreMatrices() throws {
    let kernel = Parameter(
      role: .kernel, tensor: "w", shape: [5, 2, 3],
      axes: [.input, .outputStretch(width: 3), .outputPart])
    #expect(kernel.joined.shape == [5, 6] && kernel.joined.axes == [.input, .output])
    let output = Parameter(
      role: .kernel, tensor: "w", shape: [2, 3, 5],
      axes: [.inputStretch(width: 3), .inputPart, .output])
    #expect(output.joined.shape == [6, 5] && output.joined.axes == [.input, .output])
  }

  @Test(arguments: [
    ([5, 3, 3], "needs 2 on axis 1"),
    ([4, 2, 3], "needs 5 on axis 0"),
    ([5, 2, 4], "do not fit one another"),
  ])
  func kernelsThatDoNotFitAreRefused(shape: [Int], words: String) throws {
    var builder = ModelGraph.Builder(source: "test", channelOrder: .last)
    let input = try builder.input(shape: [7, 5])
    let text = message {
      _ = try builder.add(
        "d", .dense(units: 6), inputs: [input],
        parameters: [
          .init(
            role: .kernel, tensor: "w", shape: shape,
            axes: [.input, .outputStretch(width: 3), .outputPart])
        ])
    }
    #expect(text.contains(words), "\(text)")
  }
}
