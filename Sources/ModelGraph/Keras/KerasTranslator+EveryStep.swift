import Support

extension KerasTranslator {
  /// A layer applied at every step. What works on channels does so anyhow; windows get one more axis, on
  /// which they are one step long.
  mutating func timeDistributed(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int {
    let type = KerasModel.plainClassName(
      layer.attributes["layer"]?["class_name"]?.string ?? "unknown")
    guard let config = layer.attributes["layer"]?["config"]?.object else {
      throw Diagnostic(.badData, "the configuration does not say which layer")
    }
    var inner = layer
    inner.className = type
    inner.attributes = KerasAttributes(values: config)
    let place = tensors.isNumbered ? path.part("layer") : path
    if let mode = inner.attributes.quantization {
      throw NotUnderstood(reason: "its weights are quantised (\(mode)), which is not understood")
    }
    let result: Int?
    switch type {
    case "Dense", "Activation", "ReLU", "LeakyReLU", "ELU", "Dropout", "GaussianNoise",
      "GaussianDropout", "ActivityRegularization", "Identity", "Rescaling":
      result = try core(inner, place, name, inputs)
    case "Softmax", "BatchNormalization", "LayerNormalization", "RMSNormalization",
      "UnitNormalization":
      try takeLastAxis(&inner, inputs[0])
      result = try core(inner, place, name, inputs) ?? normalizing(inner, place, name, inputs)
    case "Flatten": result = try flattenedAtEveryStep(name, inputs)
    case "Conv1D", "Conv2D", "MaxPooling1D", "MaxPooling2D", "AveragePooling1D",
      "AveragePooling2D", "GlobalAveragePooling1D", "GlobalAveragePooling2D",
      "GlobalMaxPooling1D", "GlobalMaxPooling2D":
      guard channelOrder == .last, inner.attributes.text("data_format") != "channels_first" else {
        throw NotUnderstood(reason: "a \(type) layer at every step is not understood")
      }
      leadingOnes = [1]
      defer { leadingOnes = [] }
      result = try convolutional(inner, place, name, inputs)
    default: result = nil
    }
    guard let result else {
      throw NotUnderstood(reason: "a \(type) layer at every step is not understood")
    }
    return result
  }

  /// Takes the axis out of the settings of a layer where it is the last, which it is without.
  private func takeLastAxis(_ layer: inout KerasLayer, _ input: Int) throws {
    guard let axis = layer.attributes["axis"] else { return }
    let numbers = (axis.array ?? [axis]).map(\.integer)
    // The layer counts the axes without the steps.
    guard numbers == [-1] || numbers == [builder.shape(of: input).count - 1] else {
      throw NotUnderstood(reason: "it works along another axis than the channels")
    }
    layer.attributes.values["axis"] = nil
  }

  private mutating func flattenedAtEveryStep(_ name: String, _ inputs: [Int]) throws -> Int {
    let shape = builder.shape(of: inputs[0])
    guard channelOrder == .last, shape.count > 1,
      let length = CheckedShape.product(shape.dropFirst())
    else { throw NotUnderstood(reason: "the lengths of its axes are not known") }
    return try builder.add(name, .reshape([shape[0] ?? -1, length]), inputs: inputs)
  }

  /// Pooling over all positions of every step: over a window as large as they are.
  mutating func pooledAtEveryStep(
    _ name: String, _ inputs: [Int], _ kind: Pooling.Kind
  ) throws -> Int {
    let shape = builder.shape(of: inputs[0])
    let positions = shape.dropFirst().dropLast().compactMap { $0 }
    guard shape.count > 2, positions.count == shape.count - 2, let channels = shape.last ?? nil
    else {
      throw NotUnderstood(reason: "the lengths of its axes are not known")
    }
    let window = leadingOnes + positions
    let pooled = try builder.add(
      "\(name)/window",
      .pooling(Pooling(kind: kind, size: window, strides: window, padding: .valid)), inputs: inputs)
    return try builder.add(name, .reshape([shape[0] ?? -1, channels]), inputs: [pooled])
  }
}
