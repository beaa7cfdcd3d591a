import Support

extension Operation {
  /// The shape of the output for the shapes of the inputs, all without the batch axis. A shape without
  /// axes is one of which nothing is known.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the shapes do not fit the operation. It names
  ///   no layer: the caller does.
  func outputShape(
    of inputs: [[Int?]], channelOrder: ModelGraph.ChannelOrder
  ) throws -> [Int?] {
    if case .input = self { return [] }
    guard let first = inputs.first else {
      throw Diagnostic(.badData, "a \(name) layer needs an input")
    }
    let takesCount =
      switch self {
      case .add, .multiply, .concatenate, .unsupported: true
      case .elementwise(let function): function.isSymmetric || inputs.count == 2
      case .recurrent(let recurrent):
        inputs.count == 1 || inputs.count == 1 + recurrent.kind.stateCount
      default: sequenceInputCount.map { $0.contains(inputs.count) } ?? (inputs.count == 1)
      }
    guard takesCount else {
      throw Diagnostic(
        .badData,
        "a \(name) layer cannot take \(inputs.count) \(inputs.count == 1 ? "input" : "inputs")")
    }
    let features = FeatureShape(first, channelOrder)
    switch self {
    case .input, .activation, .dropout, .rescaling, .masking, .batchNormalization:
      return first
    case .layerNormalization(_, let axisCount):
      guard axisCount >= 1, axisCount <= first.count || first.isEmpty else {
        throw Diagnostic(
          .badData, "normalises \(axisCount) axes of an input of \(first.count)")
      }
      return first
    case .dense(let units):
      return try features.requireLastChannels(name).withChannels(units)
    case .convolution(let convolution):
      return try features.convolved(by: convolution)
    case .transposedConvolution(let convolution):
      return try features.convolved(byTransposed: convolution)
    case .upsampling(let upsampling): return try features.stretched(upsampling.size)
    case .pooling(let pooling):
      return try features.windowed(
        size: pooling.size, strides: pooling.strides,
        dilation: pooling.size.map { _ in 1 }, padding: pooling.padding, what: name)
    case .globalPooling(_, let keepsAxes):
      guard first.count != 1 else {
        throw Diagnostic(.badData, "pools over the positions of an input that has none")
      }
      return keepsAxes
        ? features.withSpatial(features.spatial.map { _ in 1 }) : [features.channels]
    case .zeroPadding(let margins): return try features.widened(margins, sign: 1)
    case .edgePadding(let padding):
      try padding.check(features.spatial)
      return try features.widened(padding.margins, sign: 1)
    case .cropping(let margins): return try features.widened(margins, sign: -1)
    case .flatten:
      return [first.isEmpty ? nil : CheckedShape.product(first)]
    case .reshape(let target): return try Operation.reshaped(first, to: target)
    case .add, .multiply, .elementwise: return try Operation.broadcast(inputs)
    case .concatenate(let axis): return try Operation.concatenated(inputs, axis: axis)
    case .embedding(_, let size, _):
      return try FeatureShape(first + [size], channelOrder).requireLastChannels(name).shape
    case .recurrent(let recurrent):
      guard first.count == 2 || first.isEmpty else {
        throw Diagnostic(
          .badData,
          "a \(name) layer reads steps × features, and its input is \(describe(first))")
      }
      _ = try features.requireLastChannels(name)
      for state in inputs.dropFirst() where state.last ?? nil != nil {
        guard state == [recurrent.units] else {
          throw Diagnostic(
            .badData, "begins with a state of \(describe(state)), and has \(recurrent.units) units")
        }
      }
      let steps = first.first ?? nil
      return recurrent.returnsSequences ? [steps, recurrent.units] : [recurrent.units]
    case .recurrentState: return [features.channels]
    case .channelPadding(let margin):
      guard margin.before >= 0, margin.after >= 0 else {
        throw Diagnostic(.badData, "the padding is not a number of channels")
      }
      return features.withChannels(features.channels.map { $0 + margin.before + margin.after })
    case .attention, .rmsNormalization, .groupNormalization, .select, .tableAddition,
      .sinusoidalPositions, .prepend, .channelScale, .parametricRelu, .steps, .stepDense, .routing,
      .mixture, .selectiveScan, .spaceToDepth:
      return try sequenceShape(of: inputs, channelOrder: channelOrder)
    case .rearrange(let rearrangement):
      guard let shape = rearrangement.outputShape(of: first) else {
        throw Diagnostic(.badData, "a shape \(describe(first)) cannot be put in another order")
      }
      return shape
    case .perChannel: return first
    case .unsupported:
      throw Diagnostic(
        .badData,
        "layers of type \(name) are not understood, and the shape of its output is "
          + "not in the file", remedy: Remedies.describeNetwork)
    }
  }

  /// The shape under another shape's name, where the elements are as many. One length of the
  /// target may be −1: what is left.
  private static func reshaped(_ shape: [Int?], to target: [Int]) throws -> [Int?] {
    guard !shape.isEmpty, let count = CheckedShape.product(shape) else {
      return target.map { $0 == -1 ? nil : $0 }
    }
    let known = target.filter { $0 != -1 }
    guard let rest = CheckedShape.product(known), rest > 0, target.count - known.count <= 1,
      known.count == target.count ? rest == count : count % rest == 0
    else {
      throw Diagnostic(.badData, "cannot reshape \(describe(shape)) to \(describe(target))")
    }
    return target.map { $0 == -1 ? count / rest : $0 }
  }

  /// The common shape of inputs of which some axes may have length 1.
  private static func broadcast(_ inputs: [[Int?]]) throws -> [Int?] {
    let rank = inputs[0].count
    guard inputs.allSatisfy({ $0.count == rank }) else {
      throw Diagnostic(
        .badData,
        "its inputs have different numbers of axes: "
          + inputs.map { describe($0) }.joined(separator: ", "))
    }
    return try (0..<rank).map { axis in
      let lengths = Set(inputs.compactMap { $0[axis] }.filter { $0 != 1 })
      guard lengths.count <= 1 else {
        throw Diagnostic(
          .badData,
          "its inputs do not fit: " + inputs.map { describe($0) }.joined(separator: ", "))
      }
      if let length = lengths.first { return length }
      return inputs.contains { $0[axis] == nil } ? nil : 1
    }
  }

  /// The shape of the inputs one after another along an axis.
  private static func concatenated(_ inputs: [[Int?]], axis: Int) throws -> [Int?] {
    let rank = inputs[0].count
    guard inputs.allSatisfy({ $0.count == rank }), (0..<rank).contains(axis) else {
      throw Diagnostic(
        .badData,
        "cannot join " + inputs.map { describe($0) }.joined(separator: ", ")
          + " along axis \(axis)")
    }
    return try (0..<rank).map { position in
      let lengths = inputs.map { $0[position] }
      if position == axis {
        return lengths.contains { $0 == nil } ? nil : lengths.compactMap { $0 }.reduce(0, +)
      }
      let known = Set(lengths.compactMap { $0 })
      guard known.count <= 1 else {
        throw Diagnostic(
          .badData,
          "its inputs do not fit: " + inputs.map { describe($0) }.joined(separator: ", "))
      }
      return known.first
    }
  }
}
