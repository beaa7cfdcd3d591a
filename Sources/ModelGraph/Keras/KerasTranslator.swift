import Support

/// Turns Keras layers into layers of a graph.
struct KerasTranslator {
  /// A layer, or a setting of one, that is not understood; the layer becomes an unsupported one.
  struct NotUnderstood: Error {
    var reason: String
  }

  /// One call of a layer.
  struct Call {
    /// What it is given, beside the outputs of other layers.
    var arguments = KerasArguments()
    /// What the configuration tells of its outputs.
    var outputs = KerasOutputs()
  }

  var builder: ModelGraph.Builder
  let tensors: KerasTensors
  /// The major version of the Keras that wrote the file: some defaults differ.
  let version: Int
  /// The tensors that layers use.
  var usedTensors: Set<String> = []
  /// The tensors of layers that are not understood, and why.
  var leftAlone: [String: String] = [:]

  /// Layers of which the shape of the output is not known for sure: those whose shape nothing tells,
  /// and all that read them.
  var doubtful: Set<Int> = []

  /// Types that are not understood but known to keep the shape of their (first) input.
  private static let shapeKeeping: Set<String> = [
    "PReLU", "ThresholdedReLU", "GroupNormalization", "RMSNormalization", "UnitNormalization",
    "InstanceNormalization", "MultiHeadAttention",
    "BatchNormalization", "LayerNormalization", "Softmax", "Activation", "ReLU", "Rescaling",
    "Normalization",
  ]

  /// A length of 1 for each axis before those that a layer at every step works on.
  var leadingOnes: [Int] = []

  var channelOrder: ModelGraph.ChannelOrder { builder.channelOrder }

  /// Adds the layers that a Keras layer stands for.
  ///
  /// - Parameters:
  ///   - path: where the layer's tensors are.
  ///   - name: its name in the graph.
  ///   - inputs: the layers it reads.
  ///   - arguments: what the call is given beside them.
  ///   - outputs: what the configuration says of its outputs.
  /// - Returns: the indices of the layers that are its outputs.
  mutating func add(
    _ layer: KerasLayer, path: KerasPath, name: String, inputs: [Int], arguments: KerasArguments,
    outputs: KerasOutputs
  ) throws -> [Int] {
    let start = builder.graph.layers.count
    defer { noteDoubt(from: start) }
    do {
      let result = try translate(
        layer, path: path, name: name, inputs: inputs,
        Call(arguments: arguments, outputs: outputs))
      guard result.count >= outputs.count else {
        throw NotUnderstood(
          reason: "a layer of type \(layer.className) with several outputs is not understood")
      }
      return result
    } catch let error as NotUnderstood {
      // Half a layer would leave axes free that the other half holds.
      builder.removeLayers(from: start)
      return try addUnsupported(
        layer.className, error.reason, path: path, name: name, inputs: inputs, outputs: outputs)
    } catch let error as Diagnostic {
      guard inputs.contains(where: doubtful.contains) else { throw error.inside(name) }
      builder.removeLayers(from: start)
      return try addUnsupported(
        layer.className, "what it reads is not known for sure, and does not fit: \(error.message)",
        path: path, name: name, inputs: inputs, outputs: outputs)
    }
  }

  /// Passes doubt on to the layers that were added.
  private mutating func noteDoubt(from start: Int) {
    for index in builder.graph.layers.indices.dropFirst(start) {
      let layer = builder.graph.layers[index]
      let isUnknown =
        if case .unsupported = layer.operation { layer.outputShape.isEmpty } else { false }
      if isUnknown || layer.inputs.contains(where: doubtful.contains) { doubtful.insert(index) }
    }
  }

  private mutating func translate(
    _ layer: KerasLayer, path: KerasPath, name: String, inputs: [Int], _ call: Call
  ) throws -> [Int] {
    let attributes = layer.attributes
    if let data = attributes.text("data_format", "dim_ordering"), inputs.count == 1,
      builder.shape(of: inputs[0]).count > 1
    {
      let order: ModelGraph.ChannelOrder =
        data == "channels_first" || data == "th" ? .first : .last
      if order != channelOrder {
        throw NotUnderstood(reason: "its channels are elsewhere than those of other layers")
      }
    }
    let isOperation = layer.isOperation || (version >= 3 && attributes.values["trainable"] == nil)
    if isOperation, layer.className == "Average" {
      // A mean over an axis, and no average of several inputs.
      throw NotUnderstood(reason: "the operation average is not understood")
    }
    if let mode = attributes.quantization {
      throw NotUnderstood(reason: "its weights are quantised (\(mode)), which is not understood")
    }
    if let result = try recurrent(layer, path, name, inputs) { return result }
    if let result = try attention(layer, path, name, inputs, call) { return result }
    let single =
      try core(layer, path, name, inputs) ?? normalizing(layer, path, name, inputs)
      ?? convolutional(layer, path, name, inputs) ?? einsum(layer, path, name, inputs)
      ?? shaping(layer, name, inputs) ?? merging(layer, name, inputs)
    guard let single else {
      throw NotUnderstood(reason: "layers of type \(layer.className) are not understood")
    }
    return [single]
  }

  /// Adds a layer whose tensors are in the file.
  mutating func add(
    _ name: String, _ operation: Operation, _ inputs: [Int], _ expected: [ExpectedTensor],
    _ path: KerasPath
  ) throws -> Int {
    let parameters = try tensors.parameters(expected, at: path)
    usedTensors.formUnion(parameters.map(\.tensor))
    return try builder.add(name, operation, inputs: inputs, parameters: parameters)
  }

  /// Adds the activation that a layer keeps inside itself.
  mutating func activate(_ layer: KerasLayer, name: String, _ input: Int) throws -> Int {
    guard let value = layer.attributes["activation"] else { return input }
    do {
      let activation = try KerasActivation.read(value, version: version)
      if activation == .linear { return input }
      return try builder.add(
        "\(name)/\(activation.name)", .activation(activation), inputs: [input])
    } catch let error as NotUnderstood {
      let name = "\(name)/activation"
      builder.skip(name, error.reason)
      builder.cannotRun("layer \(name): \(error.reason)")
      return try builder.add(
        name, .unsupported(value.string ?? "activation"), inputs: [input],
        outputShape: builder.shape(of: input))
    }
  }

  /// Adds a layer that is not understood, once for each of its outputs; nothing that meets it may
  /// move. Where nothing tells the shape of an output, what reads it says how many channels it has.
  mutating func addUnsupported(
    _ type: String, _ reason: String, path: KerasPath, name: String, inputs: [Int],
    outputs: KerasOutputs
  ) throws -> [Int] {
    builder.skip(name, reason)
    for tensor in tensors.everything(at: path) {
      leftAlone[tensor] = "the layer \(name) is left alone: \(reason)"
    }
    builder.cannotRun("layer \(name): \(reason)")
    let start = builder.graph.layers.count
    defer { noteDoubt(from: start) }
    let kept = Self.shapeKeeping.contains(type) ? inputs.first.map { builder.shape(of: $0) } : nil
    return try (0..<outputs.count).map { output in
      try builder.add(
        output == 0 ? name : "\(name)/output \(output)", .unsupported(type), inputs: inputs,
        outputShape: outputs.shapes[output] ?? (output == 0 ? kept : nil) ?? [])
    }
  }
}
