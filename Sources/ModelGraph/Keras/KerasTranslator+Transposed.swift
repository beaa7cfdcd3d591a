import Support

extension KerasTranslator {
  /// A transposed convolution; its kernel is [spatial axes, outputs, inputs].
  mutating func transposed(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int], rank: Int
  ) throws -> Int {
    let attributes = layer.attributes
    guard version >= 2 else {
      throw NotUnderstood(reason: "transposed convolutions of Keras 1 are not understood")
    }
    let kernelSize = try kernelSize(attributes, rank: rank)
    let strides = try attributes.lengths("strides", count: rank, default: 1)
    let dilation = try attributes.lengths("dilation_rate", count: rank, default: 1)
    let padding = attributes.text("padding") ?? "valid"
    let given = try outputPadding(attributes, rank: rank)
    let margins = try (0..<rank).map { axis in
      try crop(
        extent: (kernelSize[axis] - 1) * dilation[axis] + 1, stride: strides[axis],
        padding: padding, given: given?[axis])
    }
    if let groups = attributes["groups"]?.integer, groups != 1 {
      throw NotUnderstood(reason: "transposed convolutions in groups are not understood")
    }
    let convolution = TransposedConvolution(
      filters: try attributes.length("filters"), kernelSize: kernelSize, strides: strides,
      dilation: dilation, crop: margins)
    let axes = (0..<rank).map { Parameter.Axis.spatial($0) } + [.output, .input]
    var expected = [ExpectedTensor(.kernel, axes, "kernel")]
    if attributes.flag("use_bias", default: true) {
      expected.append(ExpectedTensor(.bias, [.output], "bias"))
    }
    let index = try add(name, .transposedConvolution(convolution), inputs, expected, path)
    return try activate(layer, name: name, index)
  }

  /// The lengths that the output is given beyond the least; nil where they are left to the strides.
  private func outputPadding(_ attributes: KerasAttributes, rank: Int) throws -> [Int]? {
    guard let value = attributes["output_padding"] else { return nil }
    let list = value.array ?? Array(repeating: value, count: rank)
    let lengths = list.compactMap(\.integer)
    guard lengths.count == rank, list.count == rank,
      lengths.allSatisfy({ (0...CheckedShape.longestAxis).contains($0) })
    else { throw Diagnostic(.badData, "output_padding is not a length for each axis") }
    return lengths
  }

  /// What is taken away on both sides of an axis, as Keras computes it for JAX and TensorFlow.
  ///
  /// Reference: `keras/src/backend/common/backend_utils.py`.
  private func crop(
    extent: Int, stride: Int, padding: String, given: Int?
  ) throws -> Margin {
    let left: Int
    let right: Int
    switch padding {
    case "valid":
      left = extent - 1
      right = extent - 1 + (given ?? max(extent, stride) - extent)
    case "same":
      let total = given.map { extent + extent % 2 - 2 + $0 } ?? stride + extent - 2
      left = min(total / 2 + total % 2, extent - 1)
      right = total - left
    default: throw NotUnderstood(reason: "the padding \(padding) is not understood")
    }
    return Margin(extent - 1 - left, extent - 1 - right)
  }
}
