extension ModelGraph {
  /// A hash of operations, edges and shapes, independent of names, of the order in the file and of
  /// the layout of the tensors: equal for architectures that can be matched. 16 hexadecimal digits.
  ///
  /// - Complexity: O(layers and edges).
  public var fingerprint: String {
    var hash = StableHash()
    for node in CanonicalGraph(self).nodes {
      hash.combine(node.signature)
      hash.combine(describe(node.shape))
      for input in node.inputs { hash.combine(input) }
    }
    return hash.hex
  }

  /// The shape of a layer's output with the channels last.
  func lastChannelShape(of layer: Int) -> [Int?] {
    let features = FeatureShape(layers[layer].outputShape, channelOrder)
    return layers[layer].outputShape.isEmpty ? [] : features.spatial + [features.channels]
  }

  /// What a layer computes as text, without what does not matter for pairing: names, rates,
  /// epsilons, how padding is written.
  func signature(of index: Int) -> String {
    let layer = layers[index]
    let roles = layer.parameters.map(\.role.rawValue).sorted().joined(separator: ",")
    return detail(of: layer) + "|" + roles
  }

  private func detail(of layer: Layer) -> String {
    switch layer.operation {
    case .convolution(let convolution):
      let margins = margins(
        of: layer, convolution.kernelSize, convolution.strides, convolution.dilation,
        convolution.padding)
      return "conv \(convolution.filters) \(convolution.kernelSize) \(convolution.strides) "
        + "\(convolution.dilation) \(convolution.groups) \(margins)"
    case .transposedConvolution(let convolution):
      return "\(layer.operation.name) \(convolution.filters) \(convolution.kernelSize) "
        + "\(convolution.strides) \(convolution.dilation) \(text(convolution.crop))"
    case .upsampling(let upsampling):
      return "upsampling \(upsampling.size) \(upsampling.repeats)"
    case .pooling(let pooling):
      let margins = margins(
        of: layer, pooling.size, pooling.strides, pooling.size.map { _ in 1 }, pooling.padding)
      return "\(layer.operation.name) \(pooling.size) \(pooling.strides) \(margins)"
    case .dense(let units): return "dense \(units)"
    // Numbers that a file keeps as constants may have been learned: networks that differ in them are no
    // two points of one space. Frameworks write them in Float32.
    case .rescaling(let scale, let offset): return "rescaling \(Float(scale)) \(Float(offset))"
    case .zeroPadding(let margins), .cropping(let margins):
      return layer.operation.name + " " + text(margins)
    case .edgePadding(let padding):
      return "\(layer.operation.name) \(padding.kind) \(text(padding.margins))"
    case .channelPadding(let margin): return layer.operation.name + " " + text([margin])
    case .layerNormalization(_, let axisCount): return "layerNormalization \(axisCount)"
    case .concatenate(let axis):
      let features = FeatureShape(layer.outputShape, channelOrder)
      let isChannels = axis == features.channelAxis
      return "concatenate "
        + (isChannels ? "channels" : "\(axis - (channelOrder == .first ? 1 : 0))")
    case .embedding(let vocabulary, let size, _): return "embedding \(vocabulary) \(size)"
    case .recurrent(let recurrent):
      return "\(recurrent.kind.rawValue) \(recurrent.units) \(recurrent.activation.name) "
        + "\(recurrent.gateActivation.name) \(recurrent.returnsSequences) "
        + "\(recurrent.goesBackwards) \(recurrent.restoresOrder) "
        + "\(recurrent.kind == .gru && recurrent.resetsAfter)"
        // PyTorch's GRU has its gates in another order than Keras's.
        + (recurrent.kind == .gru && layer.parameter(.kernel)?.axes.last == .input ? " reset" : "")
        + (recurrent.gateOrder == .onnx ? " onnx" : "")
    case .rearrange(let rearrangement):
      return "rearrange \(rearrangement.split) \(rearrangement.order) \(rearrangement.joined)"
    case .attention(let attention):
      return "attention \(attention.heads ?? 0) \(attention.keyValueHeads ?? 0) "
        + "\(attention.isCausal) \(String(describing: attention.rotary)) \(attention.bias) "
        + "\(String(describing: attention.windows))"
    case .rmsNormalization(let normalization):
      return "rmsNormalization \(normalization.offset) \(normalization.blocks)"
        + (normalization.isOfVariance ? " variance" : "")
    case .groupNormalization(let groups, _): return "groupNormalization \(groups)"
    case .select(let selection):
      return
        "select \(selection.start) \(selection.width) \(selection.stride) \(selection.count)"
    case .tableAddition(let row, let isOne): return "tableAddition \(row) \(isOne)"
    case .prepend(let count): return "prepend \(count)"
    case .steps(let selection):
      return "steps \(selection.first) \(selection.count.map(String.init) ?? "one")"
    case .stepDense(let units): return "stepDense \(units)"
    case .routing(let routing):
      return "routing \(routing.gate) \(routing.mostExperts ?? 0) \(routing.normalizes)"
    case .spaceToDepth(let size, let isColumnFirst): return "spaceToDepth \(size) \(isColumnFirst)"
    default: return layer.operation.name
    }
  }

  /// Padding as the zeros that it amounts to, so that `same` and PyTorch's numbers compare.
  private func margins(
    of layer: Layer, _ size: [Int], _ strides: [Int], _ dilation: [Int], _ padding: Padding
  ) -> String {
    let input = layer.inputs.first.map {
      FeatureShape(layers[$0].outputShape, channelOrder).spatial
    }
    let extents = zip(size, dilation).map { ($0 - 1) * $1 }
    switch padding {
    case .valid: return text(size.map { _ in Margin(0, 0) })
    case .causal: return text(extents.map { Margin($0, 0) })
    case .explicit(let margins): return text(margins)
    case .same:
      guard let input, input.count == size.count else { return "same" }
      var margins: [Margin] = []
      for axis in size.indices {
        let total: Int
        if strides[axis] == 1 {
          total = extents[axis]
        } else if let length = input[axis] {
          let steps = (length + strides[axis] - 1) / strides[axis]
          total = max(0, (steps - 1) * strides[axis] + extents[axis] + 1 - length)
        } else {
          return "same"
        }
        margins.append(Margin(total / 2, total - total / 2))
      }
      return text(margins)
    }
  }

  private func text(_ margins: [Margin]) -> String {
    margins.map { "\($0.before)+\($0.after)" }.joined(separator: ",")
  }
}
