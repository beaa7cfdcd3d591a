import Catalogs
import Support

extension KerasTranslator {
  /// Dense layers, activations, normalisation, regularisation, embeddings. Nil for others.
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
    case "BatchNormalization": return try batchNormalization(layer, path, name, inputs)
    case "LayerNormalization": return try layerNormalization(layer, path, name, inputs)
    case "Normalization": return try inputNormalization(layer, path, name, inputs)
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

  private mutating func batchNormalization(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int {
    let attributes = layer.attributes
    if let axis = attributes["axis"] { try requireChannelAxis(axis, inputs[0]) }
    if let mode = attributes["mode"]?.integer, mode != 0 {
      throw NotUnderstood(reason: "batch normalisation of mode \(mode) is not understood")
    }
    var expected: [ExpectedTensor] = []
    if attributes.flag("scale", default: true) {
      expected.append(ExpectedTensor(.gamma, [.output], "gamma"))
    }
    if attributes.flag("center", default: true) {
      expected.append(ExpectedTensor(.beta, [.output], "beta"))
    }
    expected.append(ExpectedTensor(.movingMean, [.output], "moving_mean", "running_mean"))
    expected.append(
      ExpectedTensor(.movingVariance, [.output], "moving_variance", "running_std"))
    return try add(
      name,
      .batchNormalization(
        epsilon: attributes.number("epsilon", default: 1e-3),
        momentum: attributes.number("momentum", default: 0.99)), inputs, expected, path)
  }

  private mutating func layerNormalization(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int {
    let attributes = layer.attributes
    if attributes.flag("rms_scaling", default: false) {
      throw NotUnderstood(reason: "normalisation by the root mean square is not understood")
    }
    let shape = builder.shape(of: inputs[0])
    let listed = attributes["axis"]
    let numbers = (listed?.array ?? listed.map { [$0] } ?? [.number(-1)]).compactMap(\.integer)
    // Axes count the batch, or from the end.
    let axes = Set(numbers.map { $0 < 0 ? shape.count + $0 : $0 - 1 })
    guard axes == Set((shape.count - axes.count)..<shape.count) else {
      throw NotUnderstood(reason: "it normalises other axes than the last ones")
    }
    let channelAxis = FeatureShape(shape, channelOrder).channelAxis
    var spatial = 0
    var meanings: [Parameter.Axis] = []
    for axis in shape.indices {
      let meaning: Parameter.Axis = axis == channelAxis ? .output : .spatial(spatial)
      if axis != channelAxis { spatial += 1 }
      if axes.contains(axis) { meanings.append(meaning) }
    }
    var expected: [ExpectedTensor] = []
    if attributes.flag("scale", default: true) {
      expected.append(ExpectedTensor(.gamma, meanings, "gamma"))
    }
    if attributes.flag("center", default: true) {
      expected.append(ExpectedTensor(.beta, meanings, "beta"))
    }
    return try add(
      name,
      .layerNormalization(
        epsilon: attributes.number("epsilon", default: 1e-3), axisCount: axes.count), inputs,
      expected, path)
  }

  /// The layer that standardises raw features, by means and variances that are tensors or settings.
  private mutating func inputNormalization(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int {
    let found = tensors.candidates(at: path)
    guard found.count >= 2, !layer.attributes.flag("invert", default: false),
      found[0].entry.shape.count == 1, found[1].entry.shape == found[0].entry.shape
    else {
      throw NotUnderstood(reason: "its means and variances are not one for each channel")
    }
    if let axis = layer.attributes["axis"] { try requireChannelAxis(axis, inputs[0]) }
    let parameters = zip([Parameter.Role.movingMean, .movingVariance], found).map {
      Parameter(
        role: $0, tensor: $1.entry.name, shape: $1.entry.shape, axes: [.output])
    }
    usedTensors.formUnion(found.map(\.entry.name))
    // Keras divides by max(√variance, 1e-7); the square root of a variance plus 1e-14 is within
    // 1e-7 of that.
    return try builder.add(
      name, .batchNormalization(epsilon: 1e-14, momentum: 1), inputs: inputs,
      parameters: parameters)
  }

  /// A layer applied at every step: a dense layer does so anyhow.
  private mutating func timeDistributed(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int {
    let type = layer.attributes["layer"]?["class_name"]?.string ?? "unknown"
    guard KerasModel.plainClassName(type) == "Dense",
      let config = layer.attributes["layer"]?["config"]?.object
    else {
      throw NotUnderstood(reason: "a \(type) layer at every step is not understood")
    }
    var inner = layer
    inner.className = "Dense"
    inner.attributes = KerasAttributes(values: config)
    let innerPath = tensors.isNumbered ? path.part("layer") : path
    guard let result = try core(inner, innerPath, name, inputs) else {
      throw NotUnderstood(reason: "a \(type) layer at every step is not understood")
    }
    return result
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
