import Support

/// The type and the settings of a layer in the words of descriptions.
struct GraphFileSettings {
  var type: String
  /// The settings, in order, as YAML.
  private(set) var values: [(key: String, value: String)] = []

  /// - Throws: `Diagnostic` of code `badData` where the layer has no word.
  init(of layer: Layer, _ graph: ModelGraph) throws {
    type = layer.operation.name
    switch layer.operation {
    case .input: set("shape", Self.shape(layer.outputShape))
    case .dense(let units): set("units", units)
    case .convolution(let convolution):
      set("filters", convolution.filters)
      set("kernel", convolution.kernelSize)
      set("stride", convolution.strides)
      set("dilation", convolution.dilation)
      set("groups", convolution.groups)
      set("padding", Self.padding(convolution.padding))
    case .transposedConvolution(let convolution):
      set("filters", convolution.filters)
      set("kernel", convolution.kernelSize)
      set("stride", convolution.strides)
      set("dilation", convolution.dilation)
      set("crop", Self.margins(convolution.crop))
    case .pooling(let pooling):
      set("size", pooling.size)
      set("stride", pooling.strides)
      set("padding", Self.padding(pooling.padding))
      set("countsPadding", pooling.countsPadding)
    case .upsampling(let upsampling):
      set("size", upsampling.size)
      set("repeats", upsampling.repeats)
    case .globalPooling(_, let keepsAxes): set("keepsAxes", keepsAxes)
    case .zeroPadding(let margins), .cropping(let margins): set("margins", Self.margins(margins))
    case .edgePadding(let padding):
      set("kind", padding.kind.rawValue)
      set("margins", Self.margins(padding.margins))
    case .channelPadding(let margin): set("margins", Self.margins([margin]))
    case .reshape(let shape): set("shape", shape)
    case .batchNormalization(let epsilon, let momentum):
      set("epsilon", epsilon)
      set("momentum", momentum)
    case .layerNormalization(let epsilon, let axisCount):
      set("epsilon", epsilon)
      set("axisCount", axisCount)
    case .activation(let activation): setActivation(activation)
    case .dropout(let rate): set("rate", rate)
    case .concatenate(let axis): set("axis", axis)
    case .embedding(let vocabulary, let size, let masksZero):
      set("vocabulary", vocabulary)
      set("size", size)
      set("masksZero", masksZero)
    case .masking(let value): set("value", value)
    case .recurrent(let recurrent): try setRecurrent(recurrent)
    case .rescaling(let scale, let offset):
      set("scale", scale)
      set("offset", offset)
    case .recurrentState(let index):
      type = "state"
      set("index", index)
    case .unsupported:
      type = "unknown"
      set("of", GraphFileWriter.quoted(layer.operation.name))
      set("shape", Self.shape(layer.outputShape))
    case .rearrange(let change):
      set("split", change.split)
      set("order", change.order)
      set("joined", change.joined)
    case .perChannel(let function):
      type = "perChannel"
      set("of", GraphFileWriter.quoted(function))
    case .flatten, .add, .multiply, .elementwise, .channelScale, .parametricRelu, .mixture,
      .selectiveScan:
      break
    default: try setSequence(layer.operation)
    }
  }

  private mutating func set(_ key: String, _ value: some CustomStringConvertible) {
    values.append((key, value.description))
  }

  /// The settings of an operation of sequences.
  private mutating func setSequence(_ operation: Operation) throws {
    switch operation {
    case .attention(let attention): setAttention(attention)
    case .rmsNormalization(let normalization):
      set("epsilon", normalization.epsilon)
      set("offset", normalization.offset)
      set("blocks", normalization.blocks)
      if normalization.isOfVariance { set("ofVariance", true) }
    case .groupNormalization(let groups, let epsilon):
      set("groups", groups)
      set("epsilon", epsilon)
    case .select(let selection):
      set("start", selection.start)
      set("width", selection.width)
      set("stride", selection.stride)
      set("count", selection.count)
    case .tableAddition(let firstRow, let isOneRow):
      set("firstRow", firstRow)
      set("oneRow", isOneRow)
    case .sinusoidalPositions(let positions):
      set("layout", positions.layout.rawValue)
      set("first", positions.first)
      set("base", positions.base)
    case .prepend(let count): set("count", count)
    case .steps(let selection):
      set("first", selection.first)
      if let count = selection.count { set("count", count) }
    case .stepDense(let units): set("units", units)
    case .routing(let routing):
      set("gate", routing.gate.rawValue)
      if let most = routing.mostExperts { set("mostExperts", most) }
      set("normalizes", routing.normalizes)
      set("scale", routing.scale)
    case .spaceToDepth(let size, let isColumnFirst):
      set("size", size)
      set("columnFirst", isColumnFirst)
    default:
      throw Diagnostic(.badData, "layers of type \(operation.name) have no word in descriptions")
    }
  }

  private mutating func setAttention(_ attention: Attention) {
    if let heads = attention.heads { set("heads", heads) }
    if let shared = attention.keyValueHeads { set("keyValueHeads", shared) }
    if let scale = attention.scale { set("scale", scale) }
    set("causal", attention.isCausal)
    if let reach = attention.reach { set("reach", reach) }
    if let cap = attention.softCap { set("softCap", cap) }
    if let windows = attention.windows {
      set("windows", "{size: \(windows.size), shift: \(windows.shift)}")
    }
    switch attention.bias {
    case .none: break
    case .linear: set("bias", "linear")
    case .window: set("bias", "window")
    case .buckets(let count, let distance, let isBidirectional):
      set(
        "bias",
        "{buckets: \(count), longestDistance: \(distance), bidirectional: \(isBidirectional)}")
    }
    guard let rotary = attention.rotary else { return }
    var parts = ["base: \(rotary.base)", "layout: \(rotary.layout.rawValue)"]
    if let width = rotary.width { parts.append("width: \(width)") }
    switch rotary.scaling {
    case .none: break
    case .linear(let factor): parts.append("scaling: {factor: \(factor)}")
    case .bands(let factor, let low, let high, let context):
      parts.append("scaling: {factor: \(factor), low: \(low), high: \(high), context: \(context)}")
    }
    set("rotary", "{\(parts.joined(separator: ", "))}")
  }

  private mutating func setRecurrent(_ recurrent: Recurrent) throws {
    set("units", recurrent.units)
    set("returnsSequences", recurrent.returnsSequences)
    set("goesBackwards", recurrent.goesBackwards)
    set("restoresOrder", recurrent.restoresOrder)
    set("resetsAfter", recurrent.resetsAfter)
    set("gateOrder", recurrent.gateOrder.rawValue)
    set("activation", Self.words(recurrent.activation))
    set("gateActivation", Self.words(recurrent.gateActivation))
  }

  private mutating func setActivation(_ activation: Activation) {
    switch activation {
    case .leakyRelu(let slope): set("slope", slope)
    case .clippedRelu(let maximum): set("maximum", maximum)
    case .elu(let alpha): set("alpha", alpha)
    case .gelu(let approximate): set("approximate", approximate)
    case .linear:
      // The word alone means a dense layer.
      type = "activation"
      set("function", "linear")
    default: break
    }
  }

  /// An activation as a setting.
  private static func words(_ activation: Activation) -> String {
    switch activation {
    case .leakyRelu(let slope): "{type: leakyRelu, slope: \(slope)}"
    case .clippedRelu(let maximum): "{type: clippedRelu, maximum: \(maximum)}"
    case .elu(let alpha): "{type: elu, alpha: \(alpha)}"
    case .gelu(let approximate): "{type: gelu, approximate: \(approximate)}"
    case .legacyHardSigmoid: "{type: legacyHardSigmoid}"
    default: "{type: \(activation.name)}"
    }
  }

  private static func shape(_ shape: [Int?]) -> String {
    "[" + shape.map { $0.map(String.init) ?? "null" }.joined(separator: ", ") + "]"
  }

  private static func margins(_ margins: [Margin]) -> String {
    "[" + margins.map { "[\($0.before), \($0.after)]" }.joined(separator: ", ") + "]"
  }

  private static func padding(_ padding: Padding) -> String {
    switch padding {
    case .valid: "valid"
    case .same: "same"
    case .causal: "causal"
    case .explicit(let margins): Self.margins(margins)
    }
  }
}
