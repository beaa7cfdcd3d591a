import Support

extension KerasTranslator {
  /// Dense layers, activations, regularisation, embeddings. Nil for others.
  mutating func core(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int? {
    let attributes = layer.attributes
    switch layer.className {
    case "Dense":
      let units = try attributes.length("units", "output_dim")
      var expected = [ExpectedTensor(.kernel, [.input, .output], "kernel", "W")]
      if attributes.flag("use_bias", "bias", default: true) {
        expected.append(ExpectedTensor(.bias, [.output], "bias", "b"))
      }
      let dense = try add(name, .dense(units: units), inputs, expected, path)
      return try activate(layer, name: name, dense)
    case "Activation":
      let activation = try attributes["activation"].map {
        try KerasActivation.read($0, version: version)
      }
      return try builder.add(name, .activation(activation ?? .linear), inputs: inputs)
    case "ReLU", "LeakyReLU", "ELU", "Softmax":
      guard
        let activation = try KerasActivation.layer(
          layer.className, attributes, version: version)
      else { return nil }
      if activation == .softmax, let axis = attributes["axis"] {
        try requireChannelAxis(axis, inputs[0])
      }
      return try builder.add(name, .activation(activation), inputs: inputs)
    case "PReLU": return try parametricRelu(layer, path, name, inputs)
    case "Rescaling":
      guard let scale = attributes["scale"]?.number else {
        throw NotUnderstood(reason: "it scales by something else than one number")
      }
      let offset = attributes["offset"]
      guard offset == nil || offset?.number != nil else {
        throw NotUnderstood(reason: "it adds something else than one number")
      }
      let operation = Operation.rescaling(scale: scale, offset: offset?.number ?? 0)
      return try builder.add(name, operation, inputs: inputs)
    case "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D":
      let rate = attributes.number("rate", "p", default: 0)
      guard rate >= 0, rate < 1 else {
        throw Diagnostic(.badData, "a dropout rate of \(rate) is none")
      }
      return try builder.add(name, .dropout(rate: rate), inputs: inputs)
    case "GaussianDropout", "GaussianNoise", "AlphaDropout", "ActivityRegularization", "Identity",
      "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomContrast",
      "RandomBrightness":
      // Nothing when run.
      return try builder.add(name, .dropout(rate: 0), inputs: inputs)
    case "Embedding":
      let vocabulary = try attributes.length("input_dim")
      let size = try attributes.length("output_dim")
      let operation = Operation.embedding(
        vocabulary: vocabulary, size: size,
        masksZero: attributes.flag("mask_zero", default: false))
      let table = ExpectedTensor(.embeddings, [.fixed, .output], "embeddings", "W")
      let index = try add(name, operation, inputs, [table], path)
      let shape = builder.graph.layers[index].parameter(.embeddings)?.shape
      guard shape?.first == vocabulary else {
        throw Diagnostic(
          .badData, "the table has \(shape?.first ?? 0) rows, and the vocabulary \(vocabulary)")
      }
      return index
    case "Masking":
      let value = attributes.number("mask_value", default: 0)
      return try builder.add(name, .masking(value: value), inputs: inputs)
    case "TimeDistributed": return try timeDistributed(layer, path, name, inputs)
    default: return nil
    }
  }

  /// A slope for each channel, for each position and channel, or for what of them is not shared.
  private mutating func parametricRelu(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int {
    let shape = builder.shape(of: inputs[0])
    let channelAxis = FeatureShape(shape, channelOrder).channelAxis
    let list = layer.attributes["shared_axes"]
    let shared = Set((list?.array ?? list.map { [$0] } ?? []).compactMap(\.integer).map { $0 - 1 })
    let axes = shape.indices.map { axis -> Parameter.Axis in
      if shared.contains(axis) { return .fixed }
      return axis == channelAxis ? .output : .spatial(axis < channelAxis ? axis : axis - 1)
    }
    let slope = ExpectedTensor(.slope, axes, "alpha", "alphas")
    let index = try add(name, .parametricRelu, inputs, [slope], path)
    let lengths = builder.graph.layers[index].parameter(.slope)?.shape ?? []
    for (axis, length) in lengths.enumerated() where axis != channelAxis && length > 1 {
      builder.cannotRun("layer \(name): a slope for each position is not run")
    }
    return index
  }

  /// Refuses a layer that works along another axis than the channels.
  func requireChannelAxis(_ value: JSONValue, _ input: Int) throws {
    let shape = builder.shape(of: input)
    let axes = (value.array ?? [value]).compactMap(\.integer)
    let channelAxis = FeatureShape(shape, channelOrder).channelAxis
    guard axes.count == 1, let axis = axes.first,
      (axis < 0 ? shape.count + axis : axis - 1) == channelAxis
    else { throw NotUnderstood(reason: "it works along another axis than the channels") }
  }
}
