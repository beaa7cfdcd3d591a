/// One weight tensor of a layer, and what each of its axes means.
public struct Parameter: Sendable, Hashable {
  /// What the tensor is to its layer.
  public enum Role: String, Sendable, Hashable {
    case kernel
    case bias
    case gamma
    case beta
    case movingMean
    case movingVariance
    case embeddings
    case recurrentKernel
    /// PyTorch's second bias of a recurrent cell.
    case recurrentBias
    /// What attention adds to its products by position.
    case positionBias
    /// The slope of a parametric ReLU.
    case slope
    /// The logarithm of −A of a state-space model.
    case stateDecay
    /// What a state-space model adds of its input: D.
    case skipGain

    /// Whether it holds running statistics: permuted with the units, never matched on, never
    /// trained by a gradient.
    public var isStatistic: Bool { self == .movingMean || self == .movingVariance }
  }

  /// What an axis of the tensor, as it lies in the file, ranges over.
  public enum Axis: Sendable, Hashable {
    /// The layer's output channels. With `blocks` above 1 (the gates of a recurrent layer) the
    /// axis is that many blocks, each over all units.
    case output(blocks: Int)
    /// The layer's input channels (of one group, for a grouped convolution).
    case input
    /// The outer of two neighbouring axes over which the output channels are spread, as in Keras's
    /// kernels of attention, [inputs, heads, width]: each entry is so many channels, which the axis
    /// after it, `outputPart`, ranges over. Channels change places in whole entries only.
    case outputStretch(width: Int)
    /// The channels of a stretch of the output.
    case outputPart
    /// The outer of two neighbouring axes over which the input channels are spread.
    case inputStretch(width: Int)
    /// The channels of a stretch of the input.
    case inputPart
    /// The recurrent layer's own units, read as input.
    case recurrentInput
    /// The depth multiplier of a Keras depthwise kernel [height, width, channels, multiplier],
    /// whose channels axis is then `.input`.
    case multiplier
    /// A spatial axis of a kernel.
    case spatial(Int)
    /// The query heads of attention.
    case head
    /// The states of a state-space model.
    case state
    /// The steps that a layer over steps makes.
    case stepOutput
    /// The steps that a layer over steps reads.
    case stepInput
    /// An axis that nothing permutes: vocabulary, the two biases of a GRU.
    case fixed

    /// The plain output axis.
    public static var output: Axis { .output(blocks: 1) }
  }

  /// What the tensor is to its layer.
  public var role: Role
  /// Its name in the file.
  public var tensor: String
  /// Its shape in the file.
  public var shape: [Int]
  /// The meaning of each axis, in the file's order: `[.output, .input]` for a dense kernel of
  /// PyTorch, `[.input, .output]` for one of Keras.
  public var axes: [Axis]

  /// Makes a parameter.
  public init(role: Role, tensor: String, shape: [Int], axes: [Axis]) {
    precondition(shape.count == axes.count, "every axis needs a meaning")
    self.role = role
    self.tensor = tensor
    self.shape = shape
    self.axes = axes
  }
}
