import Catalogs
import Support

extension KerasTranslator {
  /// Normalisations. Nil for other layers.
  mutating func normalizing(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int? {
    switch layer.className {
    case "BatchNormalization": return try batchNormalization(layer, path, name, inputs)
    case "LayerNormalization": return try layerNormalization(layer, path, name, inputs)
    case "Normalization": return try inputNormalization(layer, path, name, inputs)
    case "RMSNormalization":
      return try rootMeanSquare(
        layer, path, name, inputs,
        RMSNormalization(epsilon: layer.attributes.number("epsilon", default: 1e-6)))
    case "UnitNormalization":
      if let axis = layer.attributes["axis"] { try requireChannelAxis(axis, inputs[0]) }
      return try unitNormalization(name, inputs)
    case "GroupNormalization": return try groupNormalization(layer, path, name, inputs)
    default: return nil
    }
  }

  /// Keras's old layer normalisation with `rms_scaling` divides by the root of the variance and takes no
  /// mean away (`keras/src/ops/nn.py`, `_layer_normalization`).
  private mutating func scaledBySpread(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int {
    let epsilon = layer.attributes.number("epsilon", default: 1e-3)
    return try rootMeanSquare(
      layer, path, name, inputs, RMSNormalization(epsilon: epsilon, isOfVariance: true))
  }

  private mutating func rootMeanSquare(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int],
    _ operation: RMSNormalization
  ) throws -> Int {
    if let axis = layer.attributes["axis"] { try requireChannelAxis(axis, inputs[0]) }
    return try add(
      name, .rmsNormalization(operation), inputs,
      [ExpectedTensor(.gamma, [.output], "scale", "gamma")], path)
  }

  /// Division by the length of the channels: by the root of their mean square, and of their number.
  private mutating func unitNormalization(_ name: String, _ inputs: [Int]) throws -> Int {
    guard let channels = builder.channels(of: inputs[0]) else {
      throw NotUnderstood(reason: "the number of channels it reads is not known")
    }
    // Keras divides by the root of the larger of the sum of squares and 1e-12.
    let root = try builder.add(
      "\(name)/rms", .rmsNormalization(RMSNormalization(epsilon: 1e-12 / Double(channels))),
      inputs: inputs)
    return try builder.add(
      name, .rescaling(scale: 1 / Double(channels).squareRoot(), offset: 0), inputs: [root])
  }

  private mutating func groupNormalization(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int {
    let attributes = layer.attributes
    if let axis = attributes["axis"] { try requireChannelAxis(axis, inputs[0]) }
    var groups = attributes["groups"]?.integer ?? 32
    if groups == -1 {
      guard let channels = builder.channels(of: inputs[0]) else {
        throw NotUnderstood(reason: "the number of channels it reads is not known")
      }
      groups = channels
    }
    var expected: [ExpectedTensor] = []
    if attributes.flag("scale", default: true) {
      expected.append(ExpectedTensor(.gamma, [.output], "gamma"))
    }
    if attributes.flag("center", default: true) {
      expected.append(ExpectedTensor(.beta, [.output], "beta"))
    }
    return try add(
      name,
      .groupNormalization(
        groups: groups, epsilon: attributes.number("epsilon", default: 1e-3)), inputs, expected,
      path)
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
      return try scaledBySpread(layer, path, name, inputs)
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
}
