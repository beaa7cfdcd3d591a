import Support

extension KerasTranslator {
  /// Attention with projections of its own: what it gives and, where others read them, its weights. Nil
  /// for other layers.
  mutating func attention(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int], _ call: Call
  ) throws -> [Int]? {
    if layer.className == "Attention" { return try plainAttention(layer, path, name, inputs, call) }
    guard let settings = try KerasHeads(layer) else { return nil }
    let arguments = call.arguments
    guard let query = arguments.input("query", 0, of: inputs),
      let value = arguments.input("value", 1, of: inputs)
    else { throw NotUnderstood(reason: "its queries or values are the output of no layer") }
    let key = arguments.input("key", 2, of: inputs) ?? value
    for input in [query, value, key] where builder.shape(of: input).count != 2 {
      throw NotUnderstood(reason: "attention over more than one axis is not understood")
    }
    guard channelOrder == .last else {
      throw NotUnderstood(reason: "attention with the channels first is not understood")
    }

    let queries = try project(
      path, name, .query, query, settings.heads, settings.keyWidth, settings.hasBias)
    let keys = try project(
      path, name, .key, key, settings.shared, settings.keyWidth, settings.hasBias)
    let values = try project(
      path, name, .value, value, settings.shared, settings.valueWidth, settings.hasBias)
    var attention = Attention(heads: settings.heads, keyValueHeads: settings.shared)
    attention.isCausal = arguments.flag("use_causal_mask", 9)
    attention.reach = settings.reach
    var result = try builder.add(
      "\(name)/attention", .attention(attention), inputs: [queries, keys, values])
    if settings.hasGate {
      let gate = try project(
        path, name, .gate, query, settings.heads, settings.valueWidth, settings.hasBias)
      let factor = try builder.add(
        "\(name)/gate/sigmoid", .activation(.sigmoid), inputs: [gate])
      result = try builder.add("\(name)/gated", .multiply, inputs: [result, factor])
    }
    guard let outputs = settings.outputs ?? builder.channels(of: query) else {
      throw NotUnderstood(reason: "the number of channels it gives is not known")
    }
    result = try output(path, name, result, outputs, settings)
    noteMasks(name, settings, arguments, isCausal: attention.isCausal, [query, value, key])
    guard call.outputs.count > 1 else { return [result] }
    return [result, try scores(name, [queries, keys], call.outputs)]
  }

  /// Attention between what other layers give, without projections.
  private mutating func plainAttention(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int], _ call: Call
  ) throws -> [Int] {
    guard inputs.count == 2 || inputs.count == 3, channelOrder == .last,
      inputs.allSatisfy({ builder.shape(of: $0).count == 2 })
    else { throw NotUnderstood(reason: "attention of this kind is not understood") }
    if let mode = layer.attributes.text("score_mode"), mode != "dot" {
      throw NotUnderstood(reason: "attention by \(mode) is not understood")
    }
    if layer.attributes.flag("use_scale", default: false) {
      for tensor in tensors.everything(at: path) {
        leftAlone[tensor] = "a single number, the same for all channels"
      }
      builder.cannotRun("layer \(name): a learned scale of attention is not run")
    }
    var attention = Attention(heads: 1, scale: 1)
    attention.isCausal = call.arguments.flag("use_causal_mask", 4)
    if inputs.contains(where: isMasked) {
      builder.cannotRun("layer \(name): attention with masks from elsewhere is not run")
    }
    let key = inputs.count == 3 ? inputs[2] : inputs[1]
    let result = try builder.add(
      name, .attention(attention), inputs: [inputs[0], key, inputs[1]])
    guard call.outputs.count > 1 else { return [result] }
    return [result, try scores(name, [inputs[0], key], call.outputs)]
  }

  /// The attention weights as an output of their own: a network's reader sees the order of the heads.
  private mutating func scores(
    _ name: String, _ projections: [Int], _ outputs: KerasOutputs
  ) throws -> Int {
    let reason = "attention weights as an output are not understood"
    let scores = "\(name)/scores"
    builder.skip(scores, reason)
    builder.cannotRun("layer \(scores): \(reason)")
    return try builder.add(
      scores, .unsupported("attention weights"), inputs: projections,
      outputShape: outputs.shapes[1] ?? [])
  }

  /// Says why a layer with masks cannot be run. They choose among steps and leave units alone.
  private mutating func noteMasks(
    _ name: String, _ settings: KerasHeads, _ arguments: KerasArguments, isCausal: Bool,
    _ inputs: [Int]
  ) {
    let masks = ["query_mask", "value_mask", "key_mask", "attention_mask"]
    let isGiven = zip(masks, 3...6).contains { arguments.has($0, $1) }
    if isGiven || inputs.contains(where: isMasked) {
      builder.cannotRun("layer \(name): attention with masks from elsewhere is not run")
    }
    if settings.reach != nil, !isCausal {
      builder.cannotRun("layer \(name): attention within a window on both sides is not run")
    }
  }

  /// Whether the steps of a layer's output come with a mask, made by an embedding or a masking layer.
  func isMasked(_ index: Int) -> Bool {
    var pending = [index]
    var seen: Set<Int> = []
    while let next = pending.popLast() {
      guard seen.insert(next).inserted else { continue }
      let layer = builder.graph.layers[next]
      switch layer.operation {
      case .masking, .embedding(_, _, true): return true
      case .globalPooling, .flatten, .convolution, .steps: break
      case .recurrent(let recurrent) where !recurrent.returnsSequences: break
      default: pending += layer.inputs
      }
    }
    return false
  }

  // MARK: Projections

  private mutating func project(
    _ path: KerasPath, _ name: String, _ part: KerasProjection, _ input: Int, _ heads: Int,
    _ width: Int, _ hasBias: Bool
  ) throws -> Int {
    guard let units = CheckedShape.product([heads, width]) else {
      throw Diagnostic(.badData, "\(heads) heads of \(width) channels overflow")
    }
    let outputs: [Parameter.Axis] = [.outputStretch(width: width), .outputPart]
    var expected = [ExpectedTensor(.kernel, [.input] + outputs, "kernel")]
    if hasBias { expected.append(ExpectedTensor(.bias, outputs, "bias")) }
    return try add(
      "\(name)/\(part.rawValue)", .dense(units: units), [input], expected,
      tensors.place(of: part, in: path))
  }

  private mutating func output(
    _ path: KerasPath, _ name: String, _ input: Int, _ units: Int, _ settings: KerasHeads
  ) throws -> Int {
    let axes: [Parameter.Axis] = [
      .inputStretch(width: settings.valueWidth), .inputPart, .output,
    ]
    var expected = [ExpectedTensor(.kernel, axes, "kernel")]
    if settings.hasBias { expected.append(ExpectedTensor(.bias, [.output], "bias")) }
    return try add(
      "\(name)/output", .dense(units: units), [input], expected,
      tensors.place(of: .output, in: path))
  }
}

/// A projection of Keras's attention, by the words of its names.
enum KerasProjection: String {
  case query
  case key
  case value
  case gate
  case output

  /// The word in the names of its tensors, where tensors have names.
  var word: String { self == .output ? "attention_output" : rawValue }
}

extension KerasTensors {
  /// Where the tensors of a projection are: `query_dense` in the files that number them, with an
  /// underscore before it in those of Keras 2.
  func place(of part: KerasProjection, in path: KerasPath) -> KerasPath {
    guard isNumbered else { return path.part(part.word) }
    let hidden = path.part("_\(part.rawValue)_dense")
    return candidates(at: hidden).isEmpty ? path.part("\(part.rawValue)_dense") : hidden
  }
}
