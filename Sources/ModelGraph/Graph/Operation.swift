/// What a layer computes. Typed parameters only: no weights, no framework's words.
public enum Operation: Sendable, Hashable {
  /// Where data comes in. The layer's output shape is the shape of one example.
  case input
  /// `x·W + b` over the channel axis. Parameters: kernel, bias.
  case dense(units: Int)
  /// A convolution over one to three spatial axes. Parameters: kernel, bias. A depthwise convolution
  /// is one whose `groups` equals its input channels.
  case convolution(Convolution)
  /// A convolution turned round. Parameters: kernel, bias.
  case transposedConvolution(TransposedConvolution)
  /// Maximum or average over windows.
  case pooling(Pooling)
  /// Several positions for each.
  case upsampling(Upsampling)
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
  /// The average, maximum, minimum or difference of the inputs.
  case elementwise(Elementwise)
  /// The inputs one after another along an axis of the example (the batch axis not counted).
  case concatenate(axis: Int)
  /// A row of a table for each integer. Parameters: embeddings [vocabulary, size].
  case embedding(vocabulary: Int, size: Int, masksZero: Bool)
  /// Time steps whose features all equal a value are left out by the recurrent layers after it.
  case masking(value: Double)
  /// A recurrent layer over the first axis. Parameters: kernel, recurrentKernel, bias. Inputs after
  /// the first are the states that it begins with, as many as it has.
  case recurrent(Recurrent)
  /// A state in which the recurrent layer that it reads ends: 0 is what the layer gives at its last
  /// step, 1 the cell of an LSTM.
  case recurrentState(Int)
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
    case .transposedConvolution(let convolution):
      "transposedConv\(convolution.kernelSize.count)d"
    case .upsampling: "upsampling"
    case .elementwise(let function): function.rawValue
    case .recurrentState(0): "state"
    case .recurrentState: "cellState"
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
