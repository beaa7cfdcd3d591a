import Support

/// Adds the layers of networks of sequences, channels last, with new tensors.
struct SequenceBuilder {
  var graph: ModelGraph.Builder

  init(source: String) { graph = ModelGraph.Builder(source: source, channelOrder: .last) }

  private func tensor(
    _ role: Parameter.Role, _ name: String, _ shape: [Int], _ axes: [Parameter.Axis]
  ) -> Parameter {
    Parameter(role: role, tensor: name, shape: shape, axes: axes)
  }

  /// A dense layer; its kernel's inputs come first where `isInputFirst`, as in GPT-2.
  mutating func dense(
    _ name: String, _ units: Int, _ input: Int, hasBias: Bool = true, isInputFirst: Bool = false
  ) throws -> Int {
    let width = graph.channels(of: input) ?? 0
    var parameters = [
      isInputFirst
        ? tensor(.kernel, "\(name)/weight", [width, units], [.input, .output])
        : tensor(.kernel, "\(name)/weight", [units, width], [.output, .input])
    ]
    if hasBias { parameters.append(tensor(.bias, "\(name)/bias", [units], [.output])) }
    return try graph.add(name, .dense(units: units), inputs: [input], parameters: parameters)
  }

  mutating func layerNorm(_ name: String, _ input: Int, epsilon: Double = 1e-5) throws -> Int {
    let shape = [graph.channels(of: input) ?? 0]
    return try graph.add(
      name, .layerNormalization(epsilon: epsilon, axisCount: 1), inputs: [input],
      parameters: [
        tensor(.gamma, "\(name)/weight", shape, [.output]),
        tensor(.beta, "\(name)/bias", shape, [.output]),
      ])
  }

  mutating func rmsNorm(_ name: String, _ input: Int) throws -> Int {
    try graph.add(
      name, .rmsNormalization(RMSNormalization(epsilon: 1e-5)), inputs: [input],
      parameters: [
        tensor(.gamma, "\(name)/weight", [graph.channels(of: input) ?? 0], [.output])
      ])
  }

  mutating func embedding(_ name: String, _ plan: SequencePlan, _ input: Int) throws -> Int {
    try graph.add(
      name, .embedding(vocabulary: plan.classes, size: plan.width, masksZero: false),
      inputs: [input],
      parameters: [
        tensor(.embeddings, "\(name)/weight", [plan.classes, plan.width], [.fixed, .output])
      ])
  }

  /// A table of rows, as it stands in the file.
  func table(_ name: String, _ shape: [Int]) -> Parameter {
    tensor(
      .embeddings, name, shape,
      Array(repeating: .fixed, count: shape.count - 1) + [.output])
  }

  mutating func add(_ name: String, _ operation: Operation, _ inputs: Int...) throws -> Int {
    try graph.add(name, operation, inputs: inputs)
  }

  /// Attention over the parts of one projection that holds queries, keys and values.
  mutating func fusedAttention(
    _ name: String, _ plan: SequencePlan, _ projection: Int, isCausal: Bool
  ) throws -> Int {
    let parts = try ["query", "key", "value"].enumerated().map { place, part in
      try add(
        "\(name)/\(part)",
        .select(ChannelSelection(start: place * plan.width, width: plan.width)), projection)
    }
    return try graph.add(
      "\(name)/attention", .attention(Attention(heads: plan.heads, isCausal: isCausal)),
      inputs: parts)
  }

  // MARK: Networks

  mutating func addGPT(_ plan: SequencePlan) throws -> Int {
    let tokens = try graph.input(shape: [nil])
    let root = "transformer"
    var x = try embedding("\(root)/wte", plan, tokens)
    x = try graph.add(
      "\(root)/wpe", .tableAddition(firstRow: 0, isOneRow: false), inputs: [x],
      parameters: [table("\(root)/wpe/weight", [plan.context, plan.width])])
    for layer in 0..<plan.layers {
      let block = "\(root)/h/\(layer)"
      var y = try layerNorm("\(block)/ln_1", x)
      y = try dense("\(block)/attn/c_attn", 3 * plan.width, y, isInputFirst: true)
      y = try fusedAttention("\(block)/attn", plan, y, isCausal: true)
      y = try dense("\(block)/attn/c_proj", plan.width, y, isInputFirst: true)
      x = try add("\(block)/sum", .add, x, y)
      y = try layerNorm("\(block)/ln_2", x)
      y = try dense("\(block)/mlp/c_fc", plan.hidden, y, isInputFirst: true)
      y = try add("\(block)/mlp/gelu", .activation(.gelu(approximate: true)), y)
      y = try dense("\(block)/mlp/c_proj", plan.width, y, isInputFirst: true)
      x = try add("\(block)/sum_2", .add, x, y)
    }
    x = try layerNorm("\(root)/ln_f", x)
    guard plan.isTied else { return try dense("lm_head", plan.classes, x, hasBias: false) }
    return try graph.add(
      "lm_head", .dense(units: plan.classes), inputs: [x],
      parameters: [
        tensor(.kernel, "\(root)/wte/weight", [plan.classes, plan.width], [.output, .input])
      ])
  }

  mutating func addLlama(_ plan: SequencePlan) throws -> Int {
    let tokens = try graph.input(shape: [nil])
    var x = try embedding("model/embed_tokens", plan, tokens)
    let attention = Attention(
      heads: plan.heads, keyValueHeads: plan.keyValueHeads, isCausal: true, rotary: Rotary())
    let shared = plan.width / plan.heads * plan.keyValueHeads
    for layer in 0..<plan.layers {
      let block = "model/layers/\(layer)"
      let normal = try rmsNorm("\(block)/input_layernorm", x)
      let parts = try [("q", plan.width), ("k", shared), ("v", shared)].map { part, units in
        try dense("\(block)/self_attn/\(part)_proj", units, normal, hasBias: false)
      }
      var y = try graph.add("\(block)/self_attn/attention", .attention(attention), inputs: parts)
      y = try dense("\(block)/self_attn/o_proj", plan.width, y, hasBias: false)
      x = try add("\(block)/sum", .add, x, y)
      let second = try rmsNorm("\(block)/post_attention_layernorm", x)
      var gate = try dense("\(block)/mlp/gate_proj", plan.hidden, second, hasBias: false)
      gate = try add("\(block)/mlp/silu", .activation(.silu), gate)
      let up = try dense("\(block)/mlp/up_proj", plan.hidden, second, hasBias: false)
      y = try add("\(block)/mlp/product", .multiply, gate, up)
      y = try dense("\(block)/mlp/down_proj", plan.width, y, hasBias: false)
      x = try add("\(block)/sum_2", .add, x, y)
    }
    x = try rmsNorm("model/norm", x)
    return try dense("lm_head", plan.classes, x, hasBias: false)
  }

  mutating func addVision(_ plan: SequencePlan) throws -> Int {
    guard plan.exampleShape.count == 3, plan.patch >= 1,
      plan.exampleShape.prefix(2).allSatisfy({ $0 % plan.patch == 0 })
    else {
      throw Diagnostic(
        .badData, "images of \(plan.exampleShape) do not divide into patches of \(plan.patch)")
    }
    let (rows, columns) = (plan.exampleShape[0] / plan.patch, plan.exampleShape[1] / plan.patch)
    let side = plan.patch
    let image = try graph.input(shape: plan.exampleShape.map { $0 })
    var x = try graph.add(
      "patch_embed/proj",
      .convolution(
        Convolution(
          filters: plan.width, kernelSize: [side, side], strides: [side, side], dilation: [1, 1],
          groups: 1, padding: .valid)), inputs: [image],
      parameters: [
        tensor(
          .kernel, "patch_embed/proj/weight", [plan.width, plan.exampleShape[2], side, side],
          [.output, .input, .spatial(0), .spatial(1)]),
        tensor(.bias, "patch_embed/proj/bias", [plan.width], [.output]),
      ])
    x = try add("patch_embed/steps", .reshape([rows * columns, plan.width]), x)
    x = try graph.add(
      "cls_token", .prepend(count: 1), inputs: [x],
      parameters: [table("cls_token", [1, 1, plan.width])])
    x = try graph.add(
      "pos_embed", .tableAddition(firstRow: 0, isOneRow: false), inputs: [x],
      parameters: [table("pos_embed", [1, rows * columns + 1, plan.width])])
    for layer in 0..<plan.layers {
      let block = "blocks/\(layer)"
      var y = try layerNorm("\(block)/norm1", x, epsilon: 1e-6)
      y = try dense("\(block)/attn/qkv", 3 * plan.width, y)
      y = try fusedAttention("\(block)/attn", plan, y, isCausal: false)
      y = try dense("\(block)/attn/proj", plan.width, y)
      x = try add("\(block)/sum", .add, x, y)
      y = try layerNorm("\(block)/norm2", x, epsilon: 1e-6)
      y = try dense("\(block)/mlp/fc1", plan.hidden, y)
      y = try add("\(block)/mlp/gelu", .activation(.gelu(approximate: false)), y)
      y = try dense("\(block)/mlp/fc2", plan.width, y)
      x = try add("\(block)/sum_2", .add, x, y)
    }
    x = try layerNorm("norm", x, epsilon: 1e-6)
    x = try add("class", .steps(StepSelection(first: 0)), x)
    return try dense("head", plan.classes, x)
  }

  mutating func addRecurrent(_ plan: SequencePlan) throws -> Int {
    let isLanguage = plan.exampleShape.isEmpty
    guard isLanguage || plan.exampleShape.count == 2 else {
      throw Diagnostic(.badData, "a series of steps × channels is read, not \(plan.exampleShape)")
    }
    var x: Int
    if isLanguage {
      let tokens = try graph.input(shape: [nil])
      x = try embedding("embedding", plan, tokens)
    } else {
      x = try graph.input(shape: plan.exampleShape.map { $0 })
    }
    for layer in 0..<plan.layers {
      let width = graph.channels(of: x) ?? 0
      let gates = Parameter.Axis.output(blocks: 4)
      let rows = 4 * plan.width
      x = try graph.add(
        "lstm/\(layer)",
        .recurrent(
          Recurrent(
            kind: .lstm, units: plan.width,
            returnsSequences: isLanguage || layer + 1 < plan.layers)), inputs: [x],
        parameters: [
          tensor(.kernel, "lstm/weight_ih_l\(layer)", [rows, width], [gates, .input]),
          tensor(
            .recurrentKernel, "lstm/weight_hh_l\(layer)", [rows, plan.width],
            [gates, .recurrentInput]),
          tensor(.bias, "lstm/bias_ih_l\(layer)", [rows], [gates]),
          tensor(.recurrentBias, "lstm/bias_hh_l\(layer)", [rows], [gates]),
        ])
    }
    return try dense("fc", plan.classes, x)
  }
}
