import Support

/// Reads activations as Keras configurations write them.
enum KerasActivation {
  /// The activation of a name or of a serialised function or layer.
  static func read(_ value: JSONValue, version: Int) throws -> Activation {
    if let name = value.string { return try named(name, version: version) }
    // {"class_name": "function", "config": "relu"}, or an activation layer.
    if let name = value["config"]?.string { return try named(name, version: version) }
    if let type = value["class_name"]?.string {
      let attributes = KerasAttributes(values: value["config"]?.object ?? [:])
      if let activation = try layer(type, attributes, version: version) { return activation }
      return try named(KerasModel.snakeCase(type), version: version)
    }
    throw KerasTranslator.NotUnderstood(reason: "its activation is not understood")
  }

  /// The activation of a layer that is nothing else; nil for other layers.
  static func layer(
    _ className: String, _ attributes: KerasAttributes, version: Int
  ) throws -> Activation? {
    switch className {
    case "ReLU":
      let slope = attributes.number("negative_slope", default: 0)
      let threshold = attributes.number("threshold", default: 0)
      let maximum = attributes["max_value"]?.number
      switch (slope == 0, threshold == 0, maximum) {
      case (true, true, nil): return .relu
      case (false, true, nil): return .leakyRelu(slope: slope)
      case (true, true, let maximum?): return .clippedRelu(maximum: maximum)
      default:
        throw KerasTranslator.NotUnderstood(
          reason: "a ReLU with a threshold, or with a slope and a maximum, is not understood")
      }
    case "LeakyReLU":
      let fallback = 0.3
      let slope = attributes.number("negative_slope", "alpha", default: fallback)
      return .leakyRelu(slope: slope)
    case "ELU": return .elu(alpha: attributes.number("alpha", default: 1))
    case "Softmax": return .softmax
    default: return nil
    }
  }

  /// The activation of that name in a version of Keras.
  static func named(_ text: String, version: Int) throws -> Activation {
    switch text {
    case "linear": .linear
    case "relu": .relu
    case "relu6": .clippedRelu(maximum: 6)
    // Keras 3's slope; TensorFlow's Keras used the same function by this name.
    case "leaky_relu": .leakyRelu(slope: 0.2)
    case "elu": .elu(alpha: 1)
    case "selu": .selu
    case "gelu": .gelu(approximate: false)
    case "silu", "swish": .silu
    case "tanh": .tanh
    case "sigmoid": .sigmoid
    case "hard_sigmoid": version >= 3 ? .hardSigmoid : .legacyHardSigmoid
    case "softplus": .softplus
    case "exponential": .exponential
    case "softmax": .softmax
    default:
      throw KerasTranslator.NotUnderstood(reason: "the activation \(text) is not understood")
    }
  }
}
