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
  /// Positions around the spatial axes that repeat those inside.
  case edgePadding(EdgePadding)
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
  /// Attention between queries, keys and values. Parameters: positionBias, where it learns one.
  case attention(Attention)
  /// Division of the channels by the root of their mean square. Parameters: gamma.
  case rmsNormalization(RMSNormalization)
  /// Normalisation of each example over positions and equal groups of channels. Parameters: gamma,
  /// beta (Wu and He 2018). As many groups as channels: instance normalisation.
  case groupNormalization(groups: Int, epsilon: Double)
  /// A part of the channels.
  case select(ChannelSelection)
  /// Rows of a table added to the steps: row `firstRow + step` to each step, or row `firstRow` to
  /// all. Parameters: embeddings [rows, channels], axes of length 1 before them allowed.
  case tableAddition(firstRow: Int, isOneRow: Bool)
  /// Sines and cosines of the position added to the steps.
  case sinusoidalPositions(SinusoidalPositions)
  /// Rows of a table before the steps: class tokens. Parameters: embeddings [rows, channels].
  case prepend(count: Int)
  /// Every channel times a learned number, plus another. Parameters: gamma, beta, either may be missing.
  case channelScale
  /// `x` where positive, else `slope·x` with a learned slope for each channel or one for all.
  /// Parameters: slope.
  case parametricRelu
  /// Some steps of all.
  case steps(StepSelection)
  /// A dense layer over the steps, the same for every channel: the mixing of tokens (Tolstikhin et al.
  /// 2021). The input is `[steps, channels]`. Parameters: kernel, bias over steps.
  case stepDense(units: Int)
  /// The weights of a mixture of experts, from the router's products.
  case routing(Routing)
  /// The sum of the inputs after the first, each times its channel of the first.
  case mixture
  /// The recurrence of a state-space model (Gu and Dao 2023, algorithm 2). Inputs: x `[steps, channels]`,
  /// step sizes `[steps, channels]` after softplus, B and C `[steps, states]`. Parameters:
  /// stateDecay (the logarithm of −A) [channels, states], skipGain (D) [channels].
  case selectiveScan
  /// Squares of `size × size` positions become one with `size²` times the channels; the positions of a
  /// square one after another, row by row or column by column.
  case spaceToDepth(size: Int, isColumnFirst: Bool)
  /// The elements in another order.
  case rearrange(Rearrangement)
  /// A function that does the same to every channel, whatever stands in the others, by its name in the
  /// framework's words. Units pass through it; it is not run.
  case perChannel(String)
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
    case .edgePadding: "edgePadding"
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
    case .attention: "attention"
    case .rmsNormalization: "rmsNormalization"
    case .groupNormalization: "groupNormalization"
    case .select: "select"
    case .tableAddition: "tableAddition"
    case .sinusoidalPositions: "sinusoidalPositions"
    case .prepend: "prepend"
    case .channelScale: "channelScale"
    case .parametricRelu: "parametricRelu"
    case .steps: "steps"
    case .stepDense: "stepDense"
    case .routing: "routing"
    case .mixture: "mixture"
    case .selectiveScan: "selectiveScan"
    case .spaceToDepth: "spaceToDepth"
    case .rearrange: "rearrange"
    case .perChannel(let type): type
    case .unsupported(let type): type
    }
  }
}
