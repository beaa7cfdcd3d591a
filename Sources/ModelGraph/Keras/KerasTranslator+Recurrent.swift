import Support

extension KerasTranslator {
  /// Recurrent layers, alone and in both directions: what they give, then the states in which they
  /// end, where they return those. Nil for other layers.
  mutating func recurrent(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> [Int]? {
    switch layer.className {
    case "LSTM", "GRU", "SimpleRNN":
      guard version >= 2 else {
        throw NotUnderstood(reason: "recurrent layers of Keras 1 are not understood")
      }
      let cell = try read(layer.className, layer.attributes)
      let index = try addCell(name, cell, layer.attributes, inputs, path)
      return try [index] + states(of: index, cell, layer.attributes, name)
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
    guard inputs.count == 1 || inputs.count == 1 + cell.kind.stateCount else {
      throw NotUnderstood(
        reason: "a recurrent layer that reads \(inputs.count) inputs is not understood")
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

  /// The states in which a layer ends, where it returns them.
  private mutating func states(
    of index: Int, _ cell: Recurrent, _ attributes: KerasAttributes, _ name: String
  ) throws -> [Int] {
    guard attributes.flag("return_state", default: false) else { return [] }
    return try (0..<cell.kind.stateCount).map { number in
      let state = Operation.recurrentState(number)
      return try builder.add("\(name)/\(state.name)", state, inputs: [index])
    }
  }

  private mutating func bidirectional(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> [Int] {
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
    // Of the states that it begins with the first half is the forward one's.
    let given = inputs.dropFirst()
    guard let input = inputs.first, given.isEmpty || given.count == 2 * forward.kind.stateCount
    else {
      throw NotUnderstood(
        reason: "a layer in both directions that reads \(inputs.count) inputs is not understood")
    }
    let first = try addCell(
      "\(name)/forward", forward, forwardAttributes,
      [input] + given.prefix(given.count / 2), path.part("forward_layer"))
    let second = try addCell(
      "\(name)/backward", backward, backwardAttributes,
      [input] + given.suffix(given.count / 2), path.part("backward_layer"))
    let joined = try join(name, first, second, mode: attributes.text("merge_mode"))
    return try joined
      + states(of: first, forward, forwardAttributes, "\(name)/forward")
      + states(of: second, backward, backwardAttributes, "\(name)/backward")
  }

  /// Both directions as one output, or as two.
  private mutating func join(
    _ name: String, _ first: Int, _ second: Int, mode: String?
  ) throws -> [Int] {
    switch mode {
    case "concat": return [try concatenate(name, [first, second], axis: .number(-1))]
    case "sum": return [try builder.add(name, .add, inputs: [first, second])]
    case "mul": return [try builder.add(name, .multiply, inputs: [first, second])]
    case "ave":
      return [try builder.add(name, .elementwise(.average), inputs: [first, second])]
    case nil: return [first, second]
    case let mode?:
      throw NotUnderstood(reason: "joining the directions by \(mode) is not understood")
    }
  }
}
