import Catalogs
import ModelGraph
import Support
import Tensors
import Testing

/// Which tensors of a file are updates of low rank, and what they are multiplied by.
@Suite("Adapters of low rank")
struct AdapterTests {
  private func catalog(_ tensors: [(String, [Int])], _ configuration: String? = nil) -> Catalog {
    Catalog(
      file: "memory", format: .safetensors, byteCount: 0,
      tensors: tensors.map {
        TensorEntry(name: $0.0, shape: $0.1, elementType: .float32, layout: .unallocated)
      },
      documents: configuration.map { ["adapter_config.json": Array($0.utf8)] } ?? [:])
  }

  private func pair(_ module: String, rank: Int = 4) -> [(String, [Int])] {
    [("\(module).lora_A.weight", [rank, 10]), ("\(module).lora_B.weight", [12, rank])]
  }

  @Test(
    "names of PEFT, of a running model, of kohya's scripts, of diffusers, of Keras",
    arguments: [
      ("base_model.model.x.q.lora_A.weight", "base_model.model.x.q.lora_B.weight", "x.q"),
      ("x.q.lora_A.default.weight", "x.q.lora_B.default.weight", "x.q"),
      ("x.emb.lora_embedding_A", "x.emb.lora_embedding_B", "x.emb"),
      ("lora_unet_q.lora_down.weight", "lora_unet_q.lora_up.weight", "lora_unet_q"),
      ("unet.a.to_q_lora.down.weight", "unet.a.to_q_lora.up.weight", "unet.a.to_q_lora"),
      (
        "unet.a.processor.to_q_lora.down.weight", "unet.a.processor.to_q_lora.up.weight",
        "unet.a.processor.to_q_lora"
      ),
      (
        "te.q.lora_linear_layer.down.weight", "te.q.lora_linear_layer.up.weight",
        "te.q.lora_linear_layer"
      ),
      ("dense/lora_kernel_b", "dense/lora_kernel_a", "dense"),
    ])
  func names(_ right: String, _ left: String, _ module: String) throws {
    let adapter = try #require(Adapter(catalog([(right, [4, 10]), (left, [12, 4])])))
    #expect(adapter.updates.map(\.module) == [module] && adapter.obstacle == nil)
    #expect(adapter.updates.map(\.rank) == [4] && adapter.others.isEmpty)
    #expect(adapter.updates[0].rows == 12 && adapter.updates[0].columns == 10)
  }

  @Test("files without factors are none, and words within other words are no factors")
  func none() {
    #expect(Adapter(catalog([("a.weight", [4, 4]), ("b.bias", [4])])) == nil)
    #expect(Adapter(catalog([("explora_A.weight", [4, 4]), ("lora_A_norm.weight", [4])])) == nil)
    #expect(Adapter(catalog([("conv.down.weight", [4, 4]), ("conv.up.weight", [4, 4])])) == nil)
  }

  @Test(
    "scales as PEFT computes them",
    arguments: [
      (#"{"r": 4, "lora_alpha": 8}"#, 2.0), (#"{"r": 4, "lora_alpha": 8, "use_rslora": true}"#, 4),
      (#"{"r": 8, "rank_pattern": {"q_proj": 4}, "lora_alpha": 6}"#, 1.5),
      (#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"q_proj": 2}}"#, 0.5),
      (#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"v_proj": 2}}"#, 2),
      (#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"layers.0.q_proj": 2}}"#, 0.5),
      // `q_proj` is no end of a name at a dot here.
      (#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"_proj": 2}}"#, 2),
      (#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"layers\\.[01]\\.q_.*": 2}}"#, 0.5),
      (#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"^layers.0.q_proj": 2}}"#, 0.5),
      (#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"^q_proj": 2}}"#, 2),
      (#"{"peft_type": "LORA", "r": 4, "lora_alpha": 2.5, "fan_in_fan_out": true}"#, 0.625),
    ])
  func scales(_ configuration: String, _ scale: Double) throws {
    let adapter = try #require(
      Adapter(catalog(pair("base_model.model.layers.0.q_proj"), configuration)))
    #expect(adapter.obstacle == nil)
    guard case .known(let found)? = adapter.updates.first?.scale else {
      Issue.record("the scale is not known")
      return
    }
    #expect(abs(found - scale) < 1e-12)
  }

  @Test("alpha is a tensor, or by convention the rank, or unknown")
  func alphas() throws {
    let kohya = [("q.lora_down.weight", [4, 10]), ("q.lora_up.weight", [12, 4])]
    let without = try #require(Adapter(catalog(kohya)))
    #expect(without.updates[0].scale == .known(1))
    let with = try #require(Adapter(catalog(kohya + [("q.alpha", [])])))
    guard case .tensor(let alpha) = with.updates[0].scale else {
      Issue.record("alpha is not found")
      return
    }
    #expect(alpha.name == "q.alpha" && with.others.isEmpty)
    let peft = try #require(Adapter(catalog(pair("q") + pair("v"))))
    #expect(peft.modulesOfUnknownScale == ["q", "v"])
    let text = try #require(Adapter(catalog(pair("q"), #"{"r": 4}"#)))
    #expect(text.modulesOfUnknownScale == ["q"])
  }

  @Test(
    "what is no product of two factors times a scale is an obstacle that has a name",
    arguments: [
      (#"{"peft_type": "LOHA", "r": 4, "lora_alpha": 8}"#, "LOHA"),
      (#"{"r": 4, "lora_alpha": 8, "use_dora": true}"#, "DoRA"),
      (#"{"r": 4, "lora_alpha": 8, "lora_bias": true}"#, "lora_bias"),
      (#"{"r": 4, "lora_alpha": 8, "target_parameters": ["experts.w"]}"#, "experts"),
      (#"{"r": 8, "lora_alpha": 8}"#, "rank 4"), (#"{"r": 4, "lora_alpha": "8"}"#, "no number"),
      (#"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"(a+)+": 1}}"#, "not understood"),
      (
        #"{"r": 4, "lora_alpha": 8, "alpha_pattern": {"q": 1, "x.q": 2}}"#, "different things"
      ),
      ("[1, 2]", "no JSON object"), ("{", "JSON"),
    ])
  func obstacles(_ configuration: String, _ words: String) throws {
    let adapter = try #require(Adapter(catalog(pair("x.q"), configuration)))
    let obstacle = try #require(adapter.obstacle)
    #expect("\(obstacle)".contains(words))
    // The factors are there all the same.
    #expect(adapter.updates.count == 1)
  }

  @Test(
    "tensors beside the factors",
    arguments: [
      (("x.q.lora_magnitude_vector", [12]), "DoRA"), (("x.q.lora_E", [4, 1]), "AdaLoRA"),
      (("x.q.lora_mid.weight", [4, 4, 3, 3]), "third factor"),
      (("x.v.lora_A.weight", [4, 10]), "no partner"), (("x.v.hada_w1_a", [4, 4]), "Hadamard"),
      (("x.q.lora_B.bias", [12]), "bias"),
    ])
  func besides(_ tensor: (String, [Int]), _ words: String) throws {
    let adapter = try #require(
      Adapter(catalog(pair("x.q") + [tensor], #"{"r": 4, "lora_alpha": 8}"#)))
    #expect("\(try #require(adapter.obstacle))".contains(words))
    let isThird = ["lora_E", "lora_mid"].contains { tensor.0.contains($0) }
    #expect(adapter.updates.isEmpty == isThird && adapter.factorsOfThree.isEmpty == !isThird)
  }

  @Test("shapes that are no two factors")
  func shapes() throws {
    for (right, left) in [
      ([4, 10], [12, 5]), ([4], [12, 4]), ([4, 10], [12, 4, 2]), ([0, 10], [12, 0]),
    ] {
      let adapter = try #require(
        Adapter(catalog([("q.lora_A.weight", right), ("q.lora_B.weight", left)])))
      #expect(adapter.updates.isEmpty && adapter.obstacle != nil)
    }
    let huge = [(1 << 40), (1 << 40)]
    let adapter = try #require(
      Adapter(catalog([("q.lora_A.weight", [4] + huge), ("q.lora_B.weight", [12, 4, 1, 1])])))
    #expect(adapter.updates.isEmpty)
  }
}
