import WorkbenchCore

extension KerasTranslator {
  /// Recurrent layers, alone and in both directions. Nil for other layers.
  mutating func recurrent(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int? {
    switch layer.className {
    case "LSTM", "GRU", "SimpleRNN":
      guard version >= 2 else {
        throw NotUnderstood(reason: "recurrent layers of Keras 1 are not understood")
      }
      let cell = try read(layer.className, layer.attributes)
      return try addCell(name, cell, layer.attributes, inputs, path)
    case "Bidirectional": return try bidirectional(layer, path, name, inputs)
    default: return nil
    }
  }

  private func read(_ className: String, _ attributes: KerasAttributes) throws -> Recurrent {
    let kind: Recurrent.Kind
    switch className {
    case "LSTM": kind = .lstm
    case "GRU": kind = .gru
    case "SimpleRNN": kind = .simple
    default:
      throw NotUnderstood(
        reason: "a layer of type \(className) in both directions is not understood")
    }
    if attributes.flag("return_state", default: false) {
      throw NotUnderstood(reason: "a recurrent layer that also returns its state is not understood")
    }
    if attributes.flag("time_major", default: false) {
      throw NotUnderstood(reason: "the batch is not its first axis")
    }
    let gate = try attributes["recurrent_activation", "inner_activation"].map {
      try KerasActivation.read($0, version: version)
    }
    return Recurrent(
      kind: kind, units: try attributes.length("units", "output_dim"),
      activation: try attributes["activation"].map {
        try KerasActivation.read($0, version: version)
      } ?? .tanh,
      gateActivation: gate ?? (version >= 3 ? .sigmoid : .legacyHardSigmoid),
      returnsSequences: attributes.flag("return_sequences", default: false),
      goesBackwards: attributes.flag("go_backwards", default: false),
      resetsAfter: attributes.flag("reset_after", default: version >= 3))
  }

  private mutating func addCell(
    _ name: String, _ cell: Recurrent, _ attributes: KerasAttributes, _ inputs: [Int],
    _ path: KerasPath
  ) throws -> Int {
    guard inputs.count == 1 else {
      throw NotUnderstood(reason: "a recurrent layer with a given first state is not understood")
    }
    let gates = Parameter.Axis.output(blocks: cell.kind.gateCount)
    var expected = [
      ExpectedTensor(.kernel, [.input, gates], "kernel"),
      ExpectedTensor(.recurrentKernel, [.recurrentInput, gates], "recurrent_kernel"),
    ]
    if attributes.flag("use_bias", default: true) {
      // A GRU that resets after the product has one bias for each of its two products.
      let hasTwo = cell.kind == .gru && cell.resetsAfter
      expected.append(ExpectedTensor(.bias, hasTwo ? [.fixed, gates] : [gates], "bias"))
    }
    let place = tensors.isNumbered ? path.part("cell") : path
    let index = try add(name, .recurrent(cell), inputs, expected, place)
    if cell.kind == .gru, let bias = builder.graph.layers[index].parameter(.bias),
      bias.shape.count == 2, bias.shape[0] != 2
    {
      throw Diagnostic(.badData, "the bias \(bias.tensor) is \(describe(bias.shape)), not 2 rows")
    }
    return index
  }

  private mutating func bidirectional(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int {
    let attributes = layer.attributes
    guard let inner = attributes["layer"], let className = inner["class_name"]?.string,
      let config = inner["config"]?.object
    else { throw Diagnostic(.badData, "the configuration does not say which layer") }
    let forwardAttributes = KerasAttributes(values: config)
    let backwardConfig = attributes["backward_layer"]?["config"]?.object
    let backwardAttributes = KerasAttributes(values: backwardConfig ?? config)
    let type = KerasModel.plainClassName(className)
    let forward = try read(type, forwardAttributes)
    var backward = try read(type, backwardAttributes)
    // Without a layer of its own the backward half is the forward one, turned round.
    if backwardConfig == nil { backward.goesBackwards = !forward.goesBackwards }
    guard backward.goesBackwards != forward.goesBackwards else {
      throw Diagnostic(.badData, "both halves read the steps in the same direction")
    }
    backward.restoresOrder = backward.returnsSequences
    let first = try addCell(
      "\(name)/forward", forward, forwardAttributes, inputs, path.part("forward_layer"))
    let second = try addCell(
      "\(name)/backward", backward, backwardAttributes, inputs, path.part("backward_layer"))
    switch attributes.text("merge_mode") {
    case "concat": return try concatenate(name, [first, second], axis: .number(-1))
    case "sum": return try builder.add(name, .add, inputs: [first, second])
    case "mul": return try builder.add(name, .multiply, inputs: [first, second])
    case let mode:
      throw NotUnderstood(reason: "joining the directions by \(mode ?? "a list") is not understood")
    }
  }
}
