import Catalogs
import Foundation
import ModelGraph
import Testing

/// Networks that are recognised by the names and shapes of their tensors and their config.json.
@Suite("Families")
struct FamilyTests {
  typealias Tensors = [(String, [Int])]

  /// GPT-2 of two layers, heads of 4 channels.
  private static func gpt2(_ prefix: String = "", layers: [Int] = [0, 1]) -> Tensors {
    let block: Tensors = [
      ("ln_1.weight", [8]), ("ln_1.bias", [8]), ("attn.bias", [1, 1, 16, 16]),
      ("attn.c_attn.weight", [8, 24]), ("attn.c_attn.bias", [24]),
      ("attn.c_proj.weight", [8, 8]), ("attn.c_proj.bias", [8]), ("ln_2.weight", [8]),
      ("ln_2.bias", [8]), ("mlp.c_fc.weight", [8, 12]), ("mlp.c_fc.bias", [12]),
      ("mlp.c_proj.weight", [12, 8]), ("mlp.c_proj.bias", [8]),
    ]
    var result: Tensors = [("wte.weight", [11, 8]), ("wpe.weight", [16, 8])]
    for layer in layers {
      for (name, shape) in block { result.append(("h.\(layer).\(name)", shape)) }
    }
    result += [("ln_f.weight", [8]), ("ln_f.bias", [8])]
    return result.map { (prefix + $0.0, $0.1) }
  }

  /// Llama of one layer: 4 query heads of 4 channels, 2 heads of keys and values.
  private static func llama(_ extra: Tensors = []) -> Tensors {
    [
      ("model.embed_tokens.weight", [11, 8]), ("model.layers.0.input_layernorm.weight", [8]),
      ("model.layers.0.self_attn.q_proj.weight", [16, 8]),
      ("model.layers.0.self_attn.k_proj.weight", [8, 8]),
      ("model.layers.0.self_attn.v_proj.weight", [8, 8]),
      ("model.layers.0.self_attn.o_proj.weight", [8, 16]),
      ("model.layers.0.post_attention_layernorm.weight", [8]),
      ("model.layers.0.mlp.gate_proj.weight", [6, 8]),
      ("model.layers.0.mlp.up_proj.weight", [6, 8]),
      ("model.layers.0.mlp.down_proj.weight", [8, 6]), ("model.norm.weight", [8]),
    ] + extra
  }

  private static let llamaConfiguration = """
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 8,
     "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 4, "num_hidden_layers": 1,
     "rms_norm_eps": 1e-5, "rope_theta": 500000, "hidden_act": "silu"}
    """
  private static let gpt2Configuration = """
    {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 8, "n_head": 2,
     "n_layer": 2, "activation_function": "gelu_new"}
    """

  private func graph(_ tensors: [(String, [Int])], _ configuration: String?) throws -> ModelGraph {
    try ModelGraph(
      Catalog(
        tensors, version: nil,
        documents: configuration.map { ["config.json": $0] } ?? [:]))
  }

  @Test func everyDescriptionReads() throws {
    let names = try ModelGraph.knownFamilies()
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/CFamilies/families")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    // make_list.sh has to run where a file is new.
    #expect(names.count == files.count)
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: ["", "transformer.", "module.transformer."])
  func languageModel(prefix: String) throws {
    let graph = try graph(Self.gpt2(prefix), Self.gpt2Configuration)
    #expect(graph.certainty == .recognised)
    #expect(graph.whyNotRunnable == nil)
    #expect(
      graph.skipped.map(\.reason) == Array(repeating: "the mask of causal attention", count: 2))
    let groups = try graph.permutationGroups()
    #expect(groups.map(\.size) == [8, 2, 12, 2, 12])
    #expect(groups[0].members.count == 2 + 2 * 10 + 2)
    // The head reads the table of tokens.
    let head = try #require(graph.layers.last)
    #expect(head.parameters.map(\.tensor) == [prefix + "wte.weight"])
    #expect(graph.outputs == [graph.layers.count - 1])
  }

  @Test func groupedQueries() throws {
    let graph = try graph(
      Self.llama([("lm_head.weight", [11, 8])]), Self.llamaConfiguration)
    #expect(graph.certainty == .recognised)
    let attention = graph.layers.compactMap { layer in
      if case .attention(let attention) = layer.operation { attention } else { nil }
    }
    #expect(
      attention == [
        Attention(heads: 4, keyValueHeads: 2, isCausal: true, rotary: Rotary(base: 500_000))
      ])
    #expect(try graph.permutationGroups().map(\.size) == [8, 2, 6])
  }

  /// Without a configuration, heads are not known: they are not guessed.
  @Test func unknownHeads() throws {
    let graph = try graph(Self.gpt2(), nil)
    #expect(try graph.permutationGroups().map(\.size) == [12, 12])
    #expect(graph.whyNotRunnable == "how many heads attention has is said nowhere")
    #expect(graph.assumptions.contains { $0.effect == .held })
    let stated = try ModelGraph(
      Catalog(Self.gpt2(), version: nil),
      statement: GraphStatement(readings: [try #require(Reading(word: "heads=2"))]))
    #expect(try stated.permutationGroups().map(\.size) == [2, 12, 2, 12])
  }

  /// A configuration of another model, and files that lack something.
  @Test(arguments: [
    (
      "\"n_layer\": 2", "\"n_layer\": 3",
      "config.json gives 3 for n_layer, and by the tensors depth is 2"
    ),
    ("\"n_head\": 2", "\"n_head\": 3", "do not divide into 3 heads"),
    ("\"n_embd\": 8", "\"n_embd\": 16", "config.json gives 16 for n_embd"),
  ])
  func otherConfiguration(old: String, new: String, says: String) throws {
    let configuration = Self.gpt2Configuration.replacing(old, with: new)
    #expect(message { _ = try graph(Self.gpt2(), configuration) }.contains(says))
  }

  @Test func oddRotaryWidth() throws {
    let configuration = Self.llamaConfiguration.replacing(
      "\"head_dim\": 4", with: "\"head_dim\": 1"
    )
    .replacing("heads\": 4", with: "heads\": 16").replacing("heads\": 2", with: "heads\": 8")
    #expect(message { _ = try graph(Self.llama(), configuration) }.contains("an odd number"))
  }

  @Test func missingTensors() throws {
    let whole = Self.gpt2(layers: [0, 1, 2])
    let cases = [
      ("h.1.", "the file has h.2.ln_1.weight and no h.1.ln_1.weight: layers are missing"),
      ("h.1.mlp.c_proj.weight", "the file has no tensor h.1.mlp.c_proj.weight"),
      ("h.1.mlp.c_proj.bias", "h.0.mlp.c_proj has a bias, and h.1.mlp.c_proj has none"),
    ]
    for (prefix, says) in cases {
      let part = whole.filter { !$0.0.hasPrefix(prefix) }
      #expect(message { _ = try graph(part, nil) }.contains(says))
    }
  }

  /// What the family does not name is left alone, with all that it may touch.
  @Test func leftovers() throws {
    let configuration = Self.gpt2Configuration
    let head = try graph(Self.gpt2() + [("extra.weight", [3, 8])], configuration)
    #expect(head.certainty == .assumed)
    #expect(head.whyNotRunnable?.contains("extra.weight") == true)
    #expect(head.skipped.contains { $0.name == "extra.weight" })
    #expect(try head.permutationGroups().map(\.size) == [2, 12, 2, 12])
    let adapter = try graph(
      Self.gpt2() + [("h.1.attn.c_attn.lora_B.weight", [24, 2])], configuration)
    #expect(try adapter.permutationGroups().map(\.size) == [2, 12])
  }

  /// A name of another model whose tensors are called alike.
  @Test func unknownType() throws {
    let graph = try graph(
      Self.llama(), Self.llamaConfiguration.replacing("\"llama\"", with: "\"granite\""))
    #expect(graph.certainty == .assumed)
    #expect(graph.whyNotRunnable?.contains("granite") == true)
  }

  /// A graph that is written is the same when it is read again.
  @Test(
    arguments: [
      (Self.gpt2("transformer."), Self.gpt2Configuration),
      (Self.gpt2() + [("h.1.attn.c_attn.lora_B.weight", [24, 2])], Self.gpt2Configuration),
      (Self.gpt2(), "{}"),
      (
        Self.llama([("model.layers.0.self_attn.q_norm.weight", [4])]), Self.llamaConfiguration
      ),
    ] as [(Tensors, String)])
  func written(tensors: Tensors, configuration: String) throws {
    let graph = try graph(tensors, configuration)
    try expectSame(graph, Catalog(tensors, version: nil))
  }

  /// The same of networks that other importers read.
  @Test(arguments: [
    "attention.keras", "bidirectional.h5", "both_ways.keras", "embed.h5", "gru.h5", "inception.h5",
    "lstm.h5",
    "mlp.h5", "nested.keras", "onnx_branch.onnx", "onnx_conv.onnx", "onnx_residual.onnx",
    "preprocessed.h5", "resnet18.torch.h5", "resnet20.torch.h5", "separable.h5", "seq2seq.keras",
    "siamese.keras", "squeeze.h5", "states.keras", "tcn.h5", "torch_both.torch.h5",
    "torch_gru.torch.h5",
  ])
  func writtenFiles(file: String) async throws {
    let catalog = try await Fixture.catalog(file)
    try expectSame(ModelGraph(catalog), catalog)
  }

  private func expectSame(_ graph: ModelGraph, _ catalog: Catalog) throws {
    let again = try ModelGraph(catalog, describedBy: graph.description())
    #expect(again.layers == graph.layers)
    #expect(again.outputs == graph.outputs)
    #expect(Set(again.heldLayers) == Set(graph.heldLayers))
    #expect(again.whyNotRunnable == graph.whyNotRunnable)
    let names = Set(catalog.tensors.map(\.name))
    let left = graph.skipped.filter { names.contains($0.name) }
    #expect(Set(left).isSubset(of: again.skipped))
    #expect(again.certainty == .declared)
    #expect(try again.permutationGroups().map(short) == graph.permutationGroups().map(short))
  }
}
