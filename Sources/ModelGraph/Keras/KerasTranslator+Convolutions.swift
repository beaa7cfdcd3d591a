import Support

extension KerasTranslator {
  /// Convolutions and pooling. Nil for other layers.
  mutating func convolutional(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int? {
    switch layer.className {
    case "Conv1D", "Convolution1D", "AtrousConvolution1D":
      return try plain(layer, path, name, inputs, rank: 1)
    case "Conv2D", "Convolution2D", "AtrousConvolution2D":
      return try plain(layer, path, name, inputs, rank: 2)
    case "Conv3D", "Convolution3D": return try plain(layer, path, name, inputs, rank: 3)
    case "Conv1DTranspose", "Convolution1DTranspose":
      return try transposed(layer, path, name, inputs, rank: 1)
    case "Conv2DTranspose", "Convolution2DTranspose":
      return try transposed(layer, path, name, inputs, rank: 2)
    case "Conv3DTranspose", "Convolution3DTranspose":
      return try transposed(layer, path, name, inputs, rank: 3)
    case "MaxPooling3D", "MaxPool3D": return try pooling(layer, name, inputs, .maximum, rank: 3)
    case "AveragePooling3D", "AvgPool3D":
      return try pooling(layer, name, inputs, .average, rank: 3)
    case "DepthwiseConv1D": return try depthwise(layer, path, name, inputs, rank: 1)
    case "DepthwiseConv2D": return try depthwise(layer, path, name, inputs, rank: 2)
    case "SeparableConv1D": return try separable(layer, path, name, inputs, rank: 1)
    case "SeparableConv2D", "SeparableConvolution2D":
      return try separable(layer, path, name, inputs, rank: 2)
    case "MaxPooling1D", "MaxPool1D": return try pooling(layer, name, inputs, .maximum, rank: 1)
    case "MaxPooling2D", "MaxPool2D": return try pooling(layer, name, inputs, .maximum, rank: 2)
    case "AveragePooling1D", "AvgPool1D":
      return try pooling(layer, name, inputs, .average, rank: 1)
    case "AveragePooling2D", "AvgPool2D":
      return try pooling(layer, name, inputs, .average, rank: 2)
    case "GlobalMaxPooling1D", "GlobalMaxPool1D", "GlobalMaxPooling2D", "GlobalMaxPool2D",
      "GlobalMaxPooling3D", "GlobalMaxPool3D":
      return try globalPooling(layer, name, inputs, .maximum)
    case "GlobalAveragePooling1D", "GlobalAvgPool1D", "GlobalAveragePooling2D",
      "GlobalAvgPool2D", "GlobalAveragePooling3D", "GlobalAvgPool3D":
      return try globalPooling(layer, name, inputs, .average)
    default: return nil
    }
  }

  private mutating func plain(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int], rank: Int
  ) throws -> Int {
    let attributes = layer.attributes
    let filters = try attributes.length("filters", "nb_filter")
    let groups = try attributes["groups"] == nil ? 1 : attributes.length("groups")
    let convolution = Convolution(
      filters: filters, kernelSize: leadingOnes + (try kernelSize(attributes, rank: rank)),
      strides: try leadingOnes
        + attributes.lengths(
          "strides", "subsample", "subsample_length", count: rank, default: 1),
      dilation: try leadingOnes
        + attributes.lengths("dilation_rate", "atrous_rate", count: rank, default: 1),
      groups: groups, padding: try padding(attributes))
    // Keras 1 with Theano's order kept kernels as [out, in, rows, columns], flipped; one axis was
    // written as two.
    if attributes.text("dim_ordering") == "th" || (version == 1 && rank == 1) {
      throw NotUnderstood(reason: "Keras 1 kernels of this layout are not understood")
    }
    let axes =
      (0..<rank).map { Parameter.Axis.spatial($0 + leadingOnes.count) } + [.input, .output]
    var expected = [ExpectedTensor(.kernel, axes, "kernel", "W")]
    if attributes.flag("use_bias", "bias", default: true) {
      expected.append(ExpectedTensor(.bias, [.output], "bias", "b"))
    }
    let index = try add(name, .convolution(convolution), inputs, expected, path)
    return try activate(layer, name: name, index)
  }

  private mutating func depthwise(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int], rank: Int
  ) throws -> Int {
    let attributes = layer.attributes
    var expected = [depthwiseKernel(rank)]
    if attributes.flag("use_bias", default: true) {
      expected.append(ExpectedTensor(.bias, [.output], "bias"))
    }
    let operation = try depthwiseOperation(attributes, inputs[0], rank: rank)
    let index = try add(name, operation, inputs, expected, path)
    return try activate(layer, name: name, index)
  }

  /// A separable convolution is a depthwise one, then one over single positions.
  private mutating func separable(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int], rank: Int
  ) throws -> Int {
    let attributes = layer.attributes
    let ones = Array(repeating: 1, count: rank)
    let pointwise = Convolution(
      filters: try attributes.length("filters", "nb_filter"), kernelSize: ones, strides: ones,
      dilation: ones, groups: 1, padding: .valid)
    let axes = (0..<rank).map { Parameter.Axis.spatial($0) } + [.input, .output]
    var expected = [
      depthwiseKernel(rank), ExpectedTensor(.kernel, axes, "pointwise_kernel"),
    ]
    if attributes.flag("use_bias", default: true) {
      expected.append(ExpectedTensor(.bias, [.output], "bias"))
    }
    let operation = try depthwiseOperation(attributes, inputs[0], rank: rank)
    let parameters = try tensors.parameters(expected, at: path)
    usedTensors.formUnion(parameters.map(\.tensor))
    let first = try builder.add(
      "\(name)/depthwise", operation, inputs: inputs, parameters: [parameters[0]])
    let second = try builder.add(
      "\(name)/pointwise", .convolution(pointwise), inputs: [first],
      parameters: Array(parameters.dropFirst()))
    return try activate(layer, name: name, second)
  }

  private func depthwiseKernel(_ rank: Int) -> ExpectedTensor {
    ExpectedTensor(
      .kernel, (0..<rank).map { .spatial($0) } + [.input, .multiplier], "depthwise_kernel",
      "kernel")
  }

  private func depthwiseOperation(
    _ attributes: KerasAttributes, _ input: Int, rank: Int
  ) throws -> Operation {
    guard let channels = builder.channels(of: input) else {
      throw NotUnderstood(reason: "the number of channels it reads is not known")
    }
    let multiplier =
      try attributes["depth_multiplier"] == nil ? 1 : attributes.length("depth_multiplier")
    guard let filters = CheckedShape.product([channels, multiplier]) else {
      throw Diagnostic(.badData, "a depth multiplier of \(multiplier) cannot be right")
    }
    return .convolution(
      Convolution(
        filters: filters, kernelSize: try kernelSize(attributes, rank: rank),
        strides: try attributes.lengths("strides", "subsample", count: rank, default: 1),
        dilation: try attributes.lengths("dilation_rate", count: rank, default: 1),
        groups: channels, padding: try padding(attributes)))
  }

  func kernelSize(_ attributes: KerasAttributes, rank: Int) throws -> [Int] {
    if rank == 2, attributes["nb_row"] != nil {
      return [try attributes.length("nb_row"), try attributes.length("nb_col")]
    }
    return try attributes.lengths("kernel_size", "filter_length", count: rank)
  }

  private func padding(_ attributes: KerasAttributes) throws -> Padding {
    switch attributes.text("padding", "border_mode") ?? "valid" {
    case "valid": .valid
    case "same": .same
    case "causal": .causal
    case let other: throw NotUnderstood(reason: "the padding \(other) is not understood")
    }
  }

  private mutating func pooling(
    _ layer: KerasLayer, _ name: String, _ inputs: [Int], _ kind: Pooling.Kind, rank: Int
  ) throws -> Int {
    let attributes = layer.attributes
    let size = try attributes.lengths("pool_size", "pool_length", count: rank, default: 2)
    let strides =
      try attributes["strides", "stride"] == nil
      ? size : attributes.lengths("strides", "stride", count: rank)
    let pooling = Pooling(
      kind: kind, size: leadingOnes + size, strides: leadingOnes + strides,
      padding: try padding(attributes))
    return try builder.add(name, .pooling(pooling), inputs: inputs)
  }

  private mutating func globalPooling(
    _ layer: KerasLayer, _ name: String, _ inputs: [Int], _ kind: Pooling.Kind
  ) throws -> Int {
    let keepsAxes = layer.attributes.flag("keepdims", default: false)
    if !leadingOnes.isEmpty {
      guard !keepsAxes else {
        throw NotUnderstood(reason: "pooling at every step that keeps its axes is not understood")
      }
      return try pooledAtEveryStep(name, inputs, kind)
    }
    return try builder.add(
      name, .globalPooling(kind, keepsAxes: keepsAxes), inputs: inputs)
  }
}
