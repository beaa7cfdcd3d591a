/// A function of each element (softmax: over the channels).
public enum Activation: Sendable, Hashable {
  case relu
  /// `x` where positive, else `slope·x`.
  case leakyRelu(slope: Double)
  /// ReLU bounded above (ReLU6).
  case clippedRelu(maximum: Double)
  case elu(alpha: Double)
  case selu
  /// GELU, by the error function or by the tanh approximation.
  case gelu(approximate: Bool)
  /// `x·sigmoid(x)`, also called swish.
  case silu
  case tanh
  case sigmoid
  /// Keras's piecewise linear sigmoid: `clip(x/6 + 1/2, 0, 1)`.
  case hardSigmoid
  /// Keras 1 and 2's: `clip(0.2·x + 1/2, 0, 1)`.
  case legacyHardSigmoid
  case softplus
  case exponential
  /// `x·clip(x/6 + 1/2, 0, 1)`, also called hard swish (Howard et al. 2019).
  case hardSilu
  /// `x·sigmoid(1.702·x)`: the GELU of CLIP.
  case quickGelu
  /// The square of ReLU (So et al. 2021).
  case squaredRelu
  /// `x·tanh(softplus(x))` (Misra 2019).
  case mish
  /// The square root; of negative numbers NaN.
  case squareRoot
  case softmax
  case linear

  /// The word for it in tables.
  public var name: String {
    switch self {
    case .relu: "relu"
    case .leakyRelu: "leakyRelu"
    case .clippedRelu: "clippedRelu"
    case .elu: "elu"
    case .selu: "selu"
    case .gelu: "gelu"
    case .silu: "silu"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .hardSigmoid, .legacyHardSigmoid: "hardSigmoid"
    case .softplus: "softplus"
    case .exponential: "exponential"
    case .hardSilu: "hardSilu"
    case .quickGelu: "quickGelu"
    case .squaredRelu: "squaredRelu"
    case .mish: "mish"
    case .squareRoot: "squareRoot"
    case .softmax: "softmax"
    case .linear: "linear"
    }
  }
}
