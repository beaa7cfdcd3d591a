import Support

extension KerasTranslator {
  /// Padding, cropping, flattening, reshaping. Nil for other layers.
  mutating func shaping(_ layer: KerasLayer, _ name: String, _ inputs: [Int]) throws -> Int? {
    let attributes = layer.attributes
    switch layer.className {
    case "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D":
      let count = axisCount(of: layer)
      let margins = try attributes.margins("padding", count: count)
      return try builder.add(name, .zeroPadding(margins), inputs: inputs)
    case "Cropping1D", "Cropping2D", "Cropping3D":
      let count = axisCount(of: layer)
      let margins = try attributes.margins("cropping", count: count)
      return try builder.add(name, .cropping(margins), inputs: inputs)
    case "UpSampling1D", "UpSampling2D", "UpSampling3D":
      let size = try attributes.lengths("size", "length", count: axisCount(of: layer), default: 2)
      let interpolation = attributes.text("interpolation") ?? "nearest"
      if interpolation != "nearest" {
        builder.cannotRun("layer \(name): upsampling by \(interpolation) interpolation is not run")
      }
      let upsampling = Upsampling(size: size, repeats: interpolation == "nearest")
      return try builder.add(name, .upsampling(upsampling), inputs: inputs)
    case "Flatten":
      // With the channels first Keras moves them last before it flattens (from version 2.1 on).
      if channelOrder == .first, attributes["data_format"] != nil,
        builder.shape(of: inputs[0]).dropFirst().contains(where: { $0 != 1 })
      {
        throw NotUnderstood(reason: "flattening with the channels first is not understood")
      }
      return try builder.add(name, .flatten, inputs: inputs)
    case "Reshape":
      let target = try targetShape(layer, inputs[0])
      guard target.allSatisfy({ $0 == -1 || (1...CheckedShape.longestAxis).contains($0) }) else {
        throw Diagnostic(.badData, "the target shape \(describe(target)) cannot be right")
      }
      let index = try builder.add(name, .reshape(target), inputs: inputs)
      return index
    case "RepeatVector":
      // A step, then copies of it.
      guard let channels = builder.channels(of: inputs[0]) else {
        throw NotUnderstood(reason: "the number of channels it reads is not known")
      }
      let count = try attributes.length("n")
      let step = try builder.add("\(name)/step", .reshape([1, channels]), inputs: inputs)
      return try builder.add(name, .upsampling(Upsampling(size: [count])), inputs: [step])
    case "Permute":
      let order = attributes["dims"]?.array?.compactMap(\.integer) ?? []
      guard order == Array(1...max(1, order.count)), !order.isEmpty else {
        throw NotUnderstood(reason: "transposing the axes of an example is not understood")
      }
      return try builder.add(name, .dropout(rate: 0), inputs: inputs)
    default: return nil
    }
  }

  /// The shape of an example that a layer reshapes to. The function of `keras.ops` counts the batch.
  private func targetShape(_ layer: KerasLayer, _ input: Int) throws -> [Int] {
    let attributes = layer.attributes
    guard layer.isOperation || attributes["target_shape"] == nil else {
      guard let list = attributes["target_shape"]?.array, list.count <= CheckedShape.mostAxes else {
        throw Diagnostic(.badData, "the configuration does not say target_shape")
      }
      return list.map { $0.integer ?? 0 }
    }
    let list = attributes["newshape", "shape"]?.array?.map(\.integer) ?? []
    let target = list.dropFirst().compactMap { $0 }
    let count = CheckedShape.product(builder.shape(of: input))
    guard list.count > 1, list.count <= CheckedShape.mostAxes, list[0] == nil || list[0] == -1,
      target.count == list.count - 1, target.allSatisfy({ $0 > 0 }),
      CheckedShape.product(target) == count
    else { throw NotUnderstood(reason: "reshaping along the batch is not understood") }
    return target
  }

  /// How many spatial axes a layer works on, by the end of its type.
  private func axisCount(of layer: KerasLayer) -> Int {
    layer.className.dropLast().last?.wholeNumberValue ?? 2
  }

  /// Sums, products, concatenations. Nil for other layers.
  mutating func merging(_ layer: KerasLayer, _ name: String, _ inputs: [Int]) throws -> Int? {
    switch layer.className {
    case "Add": return try combine(.add, name, inputs)
    case "Multiply": return try combine(.multiply, name, inputs)
    case "Average": return try combine(.elementwise(.average), name, inputs)
    case "Maximum": return try combine(.elementwise(.maximum), name, inputs)
    case "Minimum": return try combine(.elementwise(.minimum), name, inputs)
    case "Subtract": return try combine(.elementwise(.subtract), name, inputs)
    case "Concatenate":
      return try concatenate(name, inputs, axis: layer.attributes["axis"])
    case "TFOpLambda", "TensorFlowOpLayer":
      return try tensorFlowOperation(layer, name, inputs)
    case "Merge":
      switch layer.attributes.text("mode") {
      case "sum": return try combine(.add, name, inputs)
      case "mul": return try combine(.multiply, name, inputs)
      case "ave": return try combine(.elementwise(.average), name, inputs)
      case "max": return try combine(.elementwise(.maximum), name, inputs)
      case "concat":
        return try concatenate(name, inputs, axis: layer.attributes["concat_axis"])
      case let mode:
        throw NotUnderstood(reason: "merging by \(mode ?? "a function") is not understood")
      }
    default: return nil
    }
  }

  /// A function of TensorFlow in a functional model: `x + y` and the like.
  private mutating func tensorFlowOperation(
    _ layer: KerasLayer, _ name: String, _ inputs: [Int]
  ) throws -> Int? {
    let function = layer.attributes.text("function") ?? layer.attributes.text("name") ?? ""
    switch function {
    case "__operators__.add", "math.add": return try combine(.add, name, inputs)
    case "__operators__.multiply", "math.multiply": return try combine(.multiply, name, inputs)
    case "math.subtract", "__operators__.subtract":
      return try combine(.elementwise(.subtract), name, inputs)
    case "math.maximum": return try combine(.elementwise(.maximum), name, inputs)
    case "math.minimum": return try combine(.elementwise(.minimum), name, inputs)
    case "nn.relu" where inputs.count == 1:
      return try builder.add(name, .activation(.relu), inputs: inputs)
    case "math.tanh", "nn.tanh":
      return try builder.add(name, .activation(.tanh), inputs: inputs)
    case "math.sigmoid", "nn.sigmoid":
      return try builder.add(name, .activation(.sigmoid), inputs: inputs)
    default: throw NotUnderstood(reason: "the function \(function) is not understood")
    }
  }

  private mutating func combine(
    _ operation: Operation, _ name: String, _ inputs: [Int]
  ) throws -> Int {
    // `x + 1` is an Add too, and its constant is not in the configuration's tensors.
    guard inputs.count >= 2 else {
      throw NotUnderstood(reason: "it combines its input with something that is no layer")
    }
    return try builder.add(name, operation, inputs: inputs)
  }

  /// A concatenation. The axis counts the batch, or from the end.
  mutating func concatenate(_ name: String, _ inputs: [Int], axis: JSONValue?) throws -> Int {
    guard inputs.count >= 2 else {
      throw NotUnderstood(reason: "it joins its input with something that is no layer")
    }
    let rank = builder.shape(of: inputs[0]).count
    let number = axis?.integer ?? -1
    guard number != 0, number > -CheckedShape.mostAxes, number <= CheckedShape.mostAxes else {
      throw NotUnderstood(reason: "joining along the batch is not understood")
    }
    return try builder.add(
      name, .concatenate(axis: number < 0 ? rank + number : number - 1), inputs: inputs)
  }
}
