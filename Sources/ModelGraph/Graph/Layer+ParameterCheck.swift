import Support

extension Layer {
  /// Checks the shapes of the layer's tensors against what it computes.
  ///
  /// - Parameters:
  ///   - inputChannels: the channels that the layer reads, where known.
  ///   - channelOrder: where the channels stand in the output.
  /// - Throws: `Diagnostic` of code `badData` that names the layer, the tensor and both lengths.
  func checkParameters(inputChannels: Int?, channelOrder: ModelGraph.ChannelOrder) throws {
    for parameter in parameters {
      guard parameter.spreadsInOrder else {
        throw Diagnostic(
          .badData,
          "the axes of the tensor \(parameter.tensor), \(describe(parameter.shape)), do not fit one "
            + "another", at: [name])
      }
      for (axis, meaning) in parameter.axes.enumerated() {
        guard
          let expected = expectedLength(
            of: meaning, inputChannels: inputChannels, channelOrder: channelOrder)
        else { continue }
        guard parameter.shape[axis] == expected else {
          throw Diagnostic(
            .badData,
            "the tensor \(parameter.tensor) is \(describe(parameter.shape)), and the layer needs "
              + "\(expected) on axis \(axis)", at: [name])
        }
      }
    }
  }

  /// The length that an axis must have; nil where the layer says nothing about it.
  private func expectedLength(
    of meaning: Parameter.Axis, inputChannels: Int?, channelOrder: ModelGraph.ChannelOrder
  ) -> Int? {
    let features = FeatureShape(outputShape, channelOrder)
    switch (meaning, operation) {
    case (.output(let blocks), .recurrent(let recurrent)):
      return CheckedShape.product([blocks, recurrent.units])
    case (.output(let blocks), _):
      return features.channels.flatMap { CheckedShape.product([blocks, $0]) }
    case (.recurrentInput, .recurrent(let recurrent)): return recurrent.units
    case (.outputStretch(let width), _):
      return features.channels.flatMap { $0 % width == 0 ? $0 / width : -1 }
    case (.inputStretch(let width), _):
      return inputChannels.map { $0 % width == 0 ? $0 / width : -1 }
    case (.input, .convolution(let convolution)):
      // A Keras depthwise kernel names all channels; others those of one group.
      if let kernel = parameter(.kernel), kernel.axes.contains(.multiplier) {
        return inputChannels
      }
      return inputChannels.map { $0 / convolution.groups }
    case (.multiplier, .convolution(let convolution)):
      return inputChannels.map { convolution.filters / max(1, $0) }
    case (.head, .attention(let attention)): return attention.heads
    case (.stepOutput, .stepDense(let units)): return units
    case (.input, _): return inputChannels
    case (.spatial(let index), .convolution(let convolution)):
      return convolution.kernelSize.indices.contains(index)
        ? convolution.kernelSize[index] : nil
    case (.spatial(let index), .transposedConvolution(let convolution)):
      return convolution.kernelSize.indices.contains(index)
        ? convolution.kernelSize[index] : nil
    case (.spatial(let index), .layerNormalization):
      return features.spatial.indices.contains(index) ? features.spatial[index] : nil
    default: return nil
    }
  }
}
