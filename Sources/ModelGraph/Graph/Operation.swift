/// What a layer computes. Typed parameters only: no weights, no framework's words.
public enum Operation: Sendable, Hashable {
  /// Where data comes in. The layer's output shape is the shape of one example.
  case input
  /// `x·W + b` over the channel axis. Parameters: kernel, bias.
  case dense(units: Int)
  /// A convolution over one or two spatial axes. Parameters: kernel, bias. A depthwise convolution
  /// is one whose `groups` equals its input channels.
  case convolution(Convolution)
  /// Maximum or average over windows.
  case pooling(Pooling)
  /// Maximum or average over all spatial axes; the axes stay, with length 1, when asked.
  case globalPooling(Pooling.Kind, keepsAxes: Bool)
  /// Zeros around the spatial axes: (before, after) for each.
  case zeroPadding([Margin])
  /// Positions taken away around the spatial axes: (before, after) for each.
  case cropping([Margin])
  /// All axes but the batch become one, in the model's own axis order.
  case flatten
  /// The elements in row-major order under another shape (without the batch axis).
  case reshape([Int])
  /// Normalisation by running statistics when run, by the batch's when trained. Parameters: gamma,
  /// beta, movingMean, movingVariance. `momentum` is the share of the old statistics that stays.
  case batchNormalization(epsilon: Double, momentum: Double)
  /// Normalisation of each example over its last `axisCount` axes (the channel axis where 1).
  /// Parameters: gamma, beta.
  case layerNormalization(epsilon: Double, axisCount: Int)
  /// A function of each element, or softmax over the channels.
  case activation(Activation)
  /// Zeroes elements at random while training, does nothing when run.
  case dropout(rate: Double)
  /// The sum of the inputs.
  case add
  /// The elementwise product of the inputs.
  case multiply
  /// The inputs one after another along an axis of the example (the batch axis not counted).
  case concatenate(axis: Int)
  /// A row of a table for each integer. Parameters: embeddings [vocabulary, size].
  case embedding(vocabulary: Int, size: Int, masksZero: Bool)
  /// Time steps whose features all equal a value are left out by the recurrent layers after it.
  case masking(value: Double)
  /// A recurrent layer over the first axis. Parameters: kernel, recurrentKernel, bias.
  case recurrent(Recurrent)
  /// Every element times `scale`, plus `offset`: what a model does to raw pixels before its first
  /// layer.
  case rescaling(scale: Double, offset: Double)
  /// Zero channels before and after the others: the shortcut without weights of the first residual
  /// networks for CIFAR (He et al. 2016, option A).
  case channelPadding(Margin)
  /// A layer that is not understood, by its type in the framework's words. The network cannot be
  /// run; the axes that meet the layer stay fixed, and the rest can still be matched.
  case unsupported(String)

  /// The word for the operation in tables and errors.
  public var name: String {
    switch self {
    case .input: "input"
    case .dense: "dense"
    case .convolution(let convolution): "conv\(convolution.kernelSize.count)d"
    case .pooling(let pooling): "\(pooling.kind.rawValue)Pooling"
    case .globalPooling(.maximum, _): "globalMaximumPooling"
    case .globalPooling(.average, _): "globalAveragePooling"
    case .zeroPadding: "zeroPadding"
    case .cropping: "cropping"
    case .flatten: "flatten"
    case .reshape: "reshape"
    case .batchNormalization: "batchNormalization"
    case .layerNormalization: "layerNormalization"
    case .activation(let activation): activation.name
    case .dropout: "dropout"
    case .add: "add"
    case .multiply: "multiply"
    case .concatenate: "concatenate"
    case .embedding: "embedding"
    case .masking: "masking"
    case .recurrent(let recurrent): recurrent.kind.rawValue
    case .rescaling: "rescaling"
    case .channelPadding: "channelPadding"
    case .unsupported(let type): type
    }
  }
}

/// Positions before and after, on one spatial axis.
public struct Margin: Sendable, Hashable {
  /// Positions before the first.
  public var before: Int
  /// Positions after the last.
  public var after: Int

  /// Makes a margin.
  public init(_ before: Int, _ after: Int) {
    self.before = before
    self.after = after
  }
}

/// How windows meet the edges of a spatial axis.
public enum Padding: Sendable, Hashable {
  /// Only whole windows.
  case valid
  /// As many outputs as `ceil(input / stride)`, the odd zero after (TensorFlow's rule).
  case same
  /// Zeros before only, so that no output sees its future. One spatial axis.
  case causal
  /// So many zeros before and after each axis (PyTorch's rule).
  case explicit([Margin])
}

/// The parameters of a convolution.
public struct Convolution: Sendable, Hashable {
  /// The number of output channels.
  public var filters: Int
  /// The kernel's length on each spatial axis.
  public var kernelSize: [Int]
  /// The step on each spatial axis.
  public var strides: [Int]
  /// The distance between taps on each spatial axis.
  public var dilation: [Int]
  /// The number of groups that channels are split into.
  public var groups: Int
  /// How windows meet the edges.
  public var padding: Padding

  /// Makes the parameters.
  public init(
    filters: Int, kernelSize: [Int], strides: [Int], dilation: [Int], groups: Int, padding: Padding
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.strides = strides
    self.dilation = dilation
    self.groups = groups
    self.padding = padding
  }
}

/// The parameters of pooling over windows.
public struct Pooling: Sendable, Hashable {
  /// Maximum, or the mean of the positions inside the input.
  public enum Kind: String, Sendable, Hashable {
    case maximum
    case average
  }

  /// Maximum or average.
  public var kind: Kind
  /// The window's length on each spatial axis.
  public var size: [Int]
  /// The step on each spatial axis.
  public var strides: [Int]
  /// How windows meet the edges.
  public var padding: Padding
  /// Whether an average counts the zeros of the padding (PyTorch's default, never Keras's).
  public var countsPadding: Bool

  /// Makes the parameters.
  public init(
    kind: Kind, size: [Int], strides: [Int], padding: Padding, countsPadding: Bool = false
  ) {
    self.kind = kind
    self.size = size
    self.strides = strides
    self.padding = padding
    self.countsPadding = countsPadding
  }
}

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
    case .softmax: "softmax"
    case .linear: "linear"
    }
  }
}

/// The parameters of a recurrent layer.
public struct Recurrent: Sendable, Hashable {
  /// The cell. The gates stand in the order given, each a block of `units` columns.
  public enum Kind: String, Sendable, Hashable {
    /// One block.
    case simple = "simpleRNN"
    /// Blocks: input, forget, cell, output.
    case lstm
    /// Blocks: update z, reset r, candidate h (Keras).
    case gru

    /// How many blocks of `units` columns the kernels have.
    public var gateCount: Int {
      switch self {
      case .simple: 1
      case .lstm: 4
      case .gru: 3
      }
    }
  }

  /// The cell.
  public var kind: Kind
  /// The length of the state.
  public var units: Int
  /// The function of the candidate and of the output.
  public var activation: Activation
  /// The function of the gates.
  public var gateActivation: Activation
  /// Whether the output has a row for every step, or the last state only.
  public var returnsSequences: Bool
  /// Whether the steps are read last to first.
  public var goesBackwards: Bool
  /// Whether, having gone backwards, the rows are put back in the order of the input (as the
  /// backward half of a bidirectional layer does).
  public var restoresOrder: Bool
  /// GRU: whether the reset gate is applied after the product (bias of shape [2, 3·units]).
  public var resetsAfter: Bool

  /// Makes the parameters.
  public init(
    kind: Kind, units: Int, activation: Activation = .tanh, gateActivation: Activation = .sigmoid,
    returnsSequences: Bool = false, goesBackwards: Bool = false, restoresOrder: Bool = false,
    resetsAfter: Bool = true
  ) {
    self.kind = kind
    self.units = units
    self.activation = activation
    self.gateActivation = gateActivation
    self.returnsSequences = returnsSequences
    self.goesBackwards = goesBackwards
    self.restoresOrder = restoresOrder
    self.resetsAfter = resetsAfter
  }
}
